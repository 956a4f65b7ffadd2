//! One of thousands of clients: a websocket that shares its read buffer.

use std::cell::Cell;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::Rc;

use anyhow::{Context as _, bail};
use memchr::memmem;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;

use super::frame;
use super::recorder::Recorder;
use crate::packet::{self, Packet};

/// A connected client.
#[derive(Debug)]
pub struct Client {
    stream: TcpStream,
    /// The beginning of a frame that is not complete yet.
    rest: Vec<u8>,
}

impl Client {
    /// Connects, with `auth` as JSON.
    pub async fn connect(address: SocketAddr, auth: &str) -> anyhow::Result<Self> {
        let mut stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let request = format!(
            "GET {} HTTP/1.1\r\nhost: {address}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            packet::PATH,
        );
        stream.write_all(request.as_bytes()).await?;
        let mut received = Vec::with_capacity(1_024);
        let head = loop {
            if stream.read_buf(&mut received).await? == 0 {
                bail!("the server closed the connection");
            }
            if let Some(end) = memmem::find(&received, b"\r\n\r\n") {
                break end + 4;
            }
        };
        if !received.starts_with(b"HTTP/1.1 101") {
            bail!(
                "no websocket: {}",
                String::from_utf8_lossy(&received[..head])
            );
        }
        received.drain(..head);
        let mut client = Self {
            stream,
            rest: received,
        };
        client.join(auth).await?;
        client.rest.shrink_to_fit();
        Ok(client)
    }

    /// Joins the namespace.
    async fn join(&mut self, auth: &str) -> anyhow::Result<()> {
        loop {
            while let Some((frame, taken)) = frame::read(&self.rest) {
                let text = std::str::from_utf8(frame.payload).context("a text frame")?;
                let answer = match Packet::read(text) {
                    Packet::Open => Some(packet::connect(auth)),
                    Packet::Ping => Some(packet::PONG.to_owned()),
                    Packet::Refused(why) => bail!("refused: {why}"),
                    Packet::Connected => {
                        self.rest.drain(..taken);
                        return Ok(());
                    }
                    _ => None,
                };
                self.rest.drain(..taken);
                if let Some(answer) = answer {
                    self.send(&answer).await?;
                }
            }
            if self.stream.read_buf(&mut self.rest).await? == 0 {
                bail!("the server closed the connection");
            }
        }
    }

    /// Receives events until the connection ends.
    pub async fn listen(mut self, recorder: Rc<Recorder>) {
        let orders = recorder.add_client();
        // A client that is disconnected receives fewer orders, which the report shows.
        while let Ok(pinged) = self.read(&recorder, &orders).await {
            if pinged && self.send(packet::PONG).await.is_err() {
                return;
            }
        }
    }

    /// Reads what was received; returns whether it contained a ping.
    async fn read(&mut self, recorder: &Recorder, orders: &Cell<u64>) -> anyhow::Result<bool> {
        poll_fn(|context| {
            let mut buffer = recorder.buffer();
            let mut buffer = ReadBuf::new(&mut buffer);
            let polled = Pin::new(&mut self.stream).poll_read(context, &mut buffer);
            polled.map(|result| {
                result?;
                if buffer.filled().is_empty() {
                    bail!("the server closed the connection");
                }
                take_frames(&mut self.rest, buffer.filled(), recorder, orders)
            })
        })
        .await
    }

    async fn send(&mut self, text: &str) -> std::io::Result<()> {
        let mut frame = Vec::with_capacity(text.len() + 14);
        frame::write_text(text, &mut frame);
        self.stream.write_all(&frame).await
    }
}

/// Processes all complete frames, and keeps the rest; returns whether one was a ping.
fn take_frames(
    rest: &mut Vec<u8>,
    received: &[u8],
    recorder: &Recorder,
    orders: &Cell<u64>,
) -> anyhow::Result<bool> {
    let continued = !rest.is_empty();
    if continued {
        rest.extend_from_slice(received);
    }
    let all = if continued { rest.as_slice() } else { received };
    let mut pinged = false;
    let mut at = 0;
    while let Some((frame, taken)) = frame::read(&all[at..]) {
        at += taken;
        match frame.payload {
            _ if frame.opcode == frame::CLOSE => bail!("the server closed the connection"),
            b"2" => pinged = true,
            [b'4', b'2', event @ ..] => recorder.record(event, orders),
            _ => {}
        }
    }
    if continued {
        rest.drain(..at);
        if rest.is_empty() {
            *rest = Vec::new();
        }
    } else {
        rest.extend_from_slice(&received[at..]);
    }
    Ok(pinged)
}
