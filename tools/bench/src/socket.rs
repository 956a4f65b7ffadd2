//! A Socket.IO client for the namespace `/sync`, over a websocket.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::packet::{self, Packet};

/// How long a server may take to accept a client.
const TIMEOUT: Duration = Duration::from_secs(10);

/// An error of a connection.
#[derive(Debug, thiserror::Error)]
pub enum SocketError {
    /// The websocket could not be opened, or failed.
    #[error("websocket: {0}")]
    WebSocket(#[from] Box<tungstenite::Error>),
    /// The server ended the connection.
    #[error("the server closed the connection")]
    Closed,
    /// The namespace refused the client, with this reason.
    #[error("connection refused: {0}")]
    Refused(String),
    /// The server did not accept the client within ten seconds.
    #[error("the server did not answer in time")]
    Timeout,
    /// The packet of an event cannot be read.
    #[error("not an event: {0}")]
    Malformed(#[from] serde_json::Error),
}

impl From<tungstenite::Error> for SocketError {
    fn from(error: tungstenite::Error) -> Self {
        Self::WebSocket(Box::new(error))
    }
}

/// The result of an operation of a client.
pub type Result<T> = std::result::Result<T, SocketError>;

/// An event: its name, and its first argument as JSON.
#[derive(Debug, Clone)]
pub struct Event {
    /// The name, such as `ORDER_SYNCED`.
    pub name: String,
    /// Not parsed, because some clients only count events.
    pub data: Box<RawValue>,
}

impl Event {
    /// Parses the argument, for example as a [`Value`].
    pub fn json<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        serde_json::from_str(self.data.get())
    }
}

/// A connected client. It answers pings while [`SyncClient::next`] waits.
#[derive(Debug)]
pub struct SyncClient {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl SyncClient {
    /// Connects to `base_url`, such as `http://127.0.0.1:9000`, with an `auth`
    /// such as `{"batch": true}`. Returns when the namespace has accepted it.
    pub async fn connect(base_url: &str, auth: Value) -> Result<Self> {
        let joining = Self::join(base_url, &auth);
        tokio::time::timeout(TIMEOUT, joining)
            .await
            .unwrap_or(Err(SocketError::Timeout))
    }

    async fn join(base_url: &str, auth: &Value) -> Result<Self> {
        let base = base_url.trim_end_matches('/').replacen("http", "ws", 1);
        let (stream, _response) = connect_async(format!("{base}{}", packet::PATH)).await?;
        let mut client = Self { stream };
        loop {
            let text = client.text().await?;
            match Packet::read(&text) {
                Packet::Open => client.send(packet::connect(auth)).await?,
                Packet::Connected => return Ok(client),
                Packet::Ping => client.send(packet::PONG.to_owned()).await?,
                Packet::Refused(why) => return Err(SocketError::Refused(why.to_owned())),
                Packet::Close => return Err(SocketError::Closed),
                Packet::Event(_) | Packet::Other => {}
            }
        }
    }

    /// Waits for the next event. Cancel safe: no event is lost.
    pub async fn next(&mut self) -> Result<Event> {
        loop {
            let text = self.text().await?;
            match Packet::read(&text) {
                Packet::Event(list) => {
                    let (name, data) = packet::name_and_data(list)?;
                    return Ok(Event { name, data });
                }
                Packet::Ping => self.send(packet::PONG.to_owned()).await?,
                Packet::Close => return Err(SocketError::Closed),
                _ => {}
            }
        }
    }

    /// Sends an event.
    pub async fn emit(&mut self, name: &str, data: &Value) -> Result<()> {
        self.send(packet::event(name, data)).await
    }

    async fn text(&mut self) -> Result<tungstenite::Utf8Bytes> {
        loop {
            match self.stream.next().await {
                Some(Ok(Message::Text(text))) => return Ok(text),
                Some(Ok(Message::Close(_))) | None => return Err(SocketError::Closed),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error.into()),
            }
        }
    }

    async fn send(&mut self, text: String) -> Result<()> {
        Ok(self.stream.send(Message::Text(text.into())).await?)
    }
}

#[cfg(test)]
mod tests;
