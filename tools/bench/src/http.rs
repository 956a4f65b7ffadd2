//! A lean HTTP/1.1 client: one kept-alive connection, one request at a time.
//!
//! The load generator shares its processors with what it measures, so it must
//! cost little: requests are written as ready-made bytes, answers are looked at
//! no closer than needed.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The most headers an answer may have.
const MAX_HEADERS: usize = 32;

/// What can go wrong with a request.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// No connection, or one that broke.
    #[error("connection: {0}")]
    Io(#[from] io::Error),
    /// An answer that is not HTTP, or of a kind not understood here.
    #[error("answer: {0}")]
    Malformed(&'static str),
}

/// What a request gets.
pub type Result<T> = std::result::Result<T, HttpError>;

/// An answer, as long as the next request is not sent.
#[derive(Debug)]
pub struct Answer<'a> {
    /// Such as 200.
    pub status: u16,
    /// The body.
    pub body: &'a [u8],
}

/// One connection.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

/// Where in what was received an answer's body lies.
#[derive(Debug, PartialEq, Eq)]
struct Head {
    status: u16,
    body: std::ops::Range<usize>,
}

impl Connection {
    /// Connects.
    pub async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            received: Vec::with_capacity(4 * 1_024),
        })
    }

    /// Sends a request, given as it goes over the wire, and waits for the answer.
    pub async fn exchange(&mut self, request: &[u8]) -> Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        self.received.clear();
        let mut head = None;
        loop {
            if self.stream.read_buf(&mut self.received).await? == 0 {
                return Err(HttpError::Malformed("the connection was closed"));
            }
            if head.is_none() {
                head = read_head(&self.received)?;
            }
            if let Some(Head { status, body }) = &head
                && self.received.len() >= body.end
            {
                return Ok(Answer {
                    status: *status,
                    body: &self.received[body.clone()],
                });
            }
        }
    }

    /// `GET`s a path.
    pub async fn get(&mut self, path: &str) -> Result<Answer<'_>> {
        let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n");
        self.exchange(request.as_bytes()).await
    }
}

/// The head of an answer, once all of it is there.
fn read_head(received: &[u8]) -> Result<Option<Head>> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut answer = httparse::Response::new(&mut headers);
    let parsed = answer
        .parse(received)
        .map_err(|_| HttpError::Malformed("not HTTP"))?;
    let httparse::Status::Complete(start) = parsed else {
        return Ok(None);
    };
    let length = answer
        .headers
        .iter()
        .find(|header| header.name.eq_ignore_ascii_case("content-length"))
        .and_then(|header| {
            std::str::from_utf8(header.value)
                .ok()?
                .parse::<usize>()
                .ok()
        })
        .ok_or(HttpError::Malformed("no length"))?;
    Ok(Some(Head {
        status: answer.code.unwrap_or_default(),
        body: start..start + length,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_once_it_is_complete() {
        let answer = b"HTTP/1.1 404 Not Found\r\nA: b\r\nContent-Length: 2\r\n\r\nno";
        assert_eq!(read_head(&answer[..30]).unwrap(), None);
        let head = read_head(answer).unwrap().unwrap();
        assert_eq!((head.status, &answer[head.body]), (404, b"no".as_slice()));
    }

    #[test]
    fn what_is_not_understood_is_an_error() {
        assert!(read_head(b"SSH-2.0-OpenSSH\r\n\r\n").is_err());
        let chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        assert!(read_head(chunked).is_err());
    }

    #[tokio::test]
    async fn a_connection_is_used_again_and_again() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let large = "x".repeat(100_000);
        let answer = large.clone();
        let app = axum::Router::new().route("/", axum::routing::get(async || answer));
        tokio::spawn(async move { axum::serve(listener, app).await });
        let mut connection = Connection::open(address).await.unwrap();
        for _ in 0..3 {
            let answer = connection.get("/").await.unwrap();
            assert_eq!((answer.status, answer.body), (200, large.as_bytes()));
        }
        assert_eq!(connection.get("/no").await.unwrap().status, 404);
    }
}
