//! One TCP connection, which gives its slot back when it closes, and which the server can
//! cut at any time.

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

/// A client that reads nothing for this long is disconnected, because responses that wait
/// for it take memory.
pub const WRITE_TIMEOUT: Duration = Duration::from_secs(30);

/// A handle on the connection that a request came over; cheap to clone.
#[derive(Debug, Clone)]
pub struct Connection {
    /// The address of the other end, which may be a proxy.
    pub peer: SocketAddr,
    cut: CancellationToken,
    has_request: Arc<AtomicBool>,
    upgraded: Arc<AtomicBool>,
}

impl Connection {
    /// A connection from `peer`.
    pub fn new(peer: SocketAddr) -> Self {
        Self {
            peer,
            cut: CancellationToken::new(),
            has_request: Arc::default(),
            upgraded: Arc::default(),
        }
    }

    /// Closes the connection at once. Data that waits to be sent is lost.
    pub fn cut(&self) {
        self.cut.cancel();
    }

    /// The connection was cut, or the client closed it.
    pub fn is_closed(&self) -> bool {
        self.cut.is_cancelled()
    }

    /// Records that a request came over the connection.
    pub fn record_request(&self) {
        self.has_request.store(true, Ordering::Relaxed);
    }

    /// Records that the connection is a WebSocket from now on.
    pub fn upgrade(&self) {
        self.upgraded.store(true, Ordering::Relaxed);
    }

    /// The connection is open, and no request came over it yet.
    pub fn is_unused(&self) -> bool {
        !self.has_request.load(Ordering::Relaxed) && !self.is_closed()
    }

    /// Wraps the stream of this connection. It gives its slot back when it is dropped:
    /// after an upgrade, that is when the socket closes.
    pub fn wrap(&self, stream: TcpStream, slot: OwnedSemaphorePermit) -> CuttableStream {
        if let Err(error) = stream.set_nodelay(true) {
            debug!(%error, "could not set TCP_NODELAY");
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

/// A stream that fails when its connection was cut. After an upgrade it limits how fast
/// messages are read.
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

    /// Waits while the client has sent too many messages.
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
