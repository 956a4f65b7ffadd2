//! One TCP connection: counted, and cut when its owner says so.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Sleep;
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::{CancellationToken, DropGuard, WaitForCancellationFutureOwned};
use tracing::debug;

use super::message_rate::MessageRate;

/// A client that takes nothing of what is sent to it for this long is cut off:
/// answers that wait for it are memory.
pub const WRITE_TIMEOUT: Duration = Duration::from_secs(30);

/// What a request knows of the connection it came over; cheap to clone.
#[derive(Debug, Clone)]
pub struct Connection {
    /// The other end, which may be a proxy.
    pub peer: SocketAddr,
    cut: CancellationToken,
    spoke: Arc<AtomicBool>,
    upgraded: Arc<AtomicBool>,
}

impl Connection {
    /// A connection from `peer`.
    pub fn new(peer: SocketAddr) -> Self {
        Self {
            peer,
            cut: CancellationToken::new(),
            spoke: Arc::default(),
            upgraded: Arc::default(),
        }
    }

    /// Ends the connection, whatever is still waiting to be sent.
    pub fn cut(&self) {
        self.cut.cancel();
    }

    /// It was cut, or has ended by itself.
    pub fn is_over(&self) -> bool {
        self.cut.is_cancelled()
    }

    /// A request came over it.
    pub fn speaks(&self) {
        self.spoke.store(true, Ordering::Relaxed);
    }

    /// It carries a WebSocket from here on.
    pub fn upgrade(&self) {
        self.upgraded.store(true, Ordering::Relaxed);
    }

    /// A request came over it, or it is over.
    pub fn is_settled(&self) -> bool {
        self.spoke.load(Ordering::Relaxed) || self.is_over()
    }

    /// The stream, as long as it is not cut. It gives its slot back when it is
    /// dropped: after an upgrade, that is when the socket closes.
    pub fn over(&self, stream: TcpStream, slot: OwnedSemaphorePermit) -> CuttableStream {
        if let Err(error) = stream.set_nodelay(true) {
            debug!(%error, "no TCP_NODELAY");
        }
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(WRITE_TIMEOUT));
        CuttableStream {
            stream: Box::pin(stream),
            cut: Box::pin(self.cut.clone().cancelled_owned()),
            upgraded: Arc::clone(&self.upgraded),
            messages: MessageRate::default(),
            pause: None,
            _end: self.cut.clone().drop_guard(),
            _slot: slot,
        }
    }
}

/// A stream that fails once its connection is cut, and reads no more messages than
/// a client may send.
#[derive(Debug)]
pub struct CuttableStream {
    stream: Pin<Box<TimeoutStream<TcpStream>>>,
    upgraded: Arc<AtomicBool>,
    messages: MessageRate,
    pause: Option<Pin<Box<Sleep>>>,
    cut: Pin<Box<WaitForCancellationFutureOwned>>,
    _end: DropGuard,
    _slot: OwnedSemaphorePermit,
}

impl CuttableStream {
    fn check(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        match self.cut.as_mut().poll(context) {
            Poll::Ready(()) => Err(io::ErrorKind::ConnectionAborted.into()),
            Poll::Pending => Ok(()),
        }
    }

    /// Waits while too many messages have come.
    fn poll_pause(&mut self, context: &mut Context<'_>) -> Poll<()> {
        loop {
            if let Some(pause) = &mut self.pause {
                ready!(pause.as_mut().poll(context));
                self.pause = None;
            }
            match self.messages.pause() {
                Some(pause) => self.pause = Some(Box::pin(tokio::time::sleep(pause))),
                None => return Poll::Ready(()),
            }
        }
    }
}

impl AsyncRead for CuttableStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check(context)?;
        if !self.upgraded.load(Ordering::Relaxed) {
            return self.stream.as_mut().poll_read(context, buffer);
        }
        ready!(self.poll_pause(context));
        let known = buffer.filled().len();
        let read = ready!(self.stream.as_mut().poll_read(context, buffer));
        self.messages.count(&buffer.filled()[known..]);
        Poll::Ready(read)
    }
}

impl AsyncWrite for CuttableStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check(context)?;
        self.stream.as_mut().poll_write(context, buffer)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check(context)?;
        self.stream.as_mut().poll_write_vectored(context, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check(context)?;
        self.stream.as_mut().poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_shutdown(context)
    }
}
