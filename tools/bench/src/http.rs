//! A minimal HTTP/1.1 client: one persistent connection, one request at a time.
//!
//! The load generator shares its processors with the server it measures, so it must
//! use little time: requests are prepared bytes, and of responses only the status
//! and length are read.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The most headers a response may have.
const MAX_HEADERS: usize = 32;

/// An error of a request.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The connection could not be opened, or failed.
    #[error("connection: {0}")]
    Io(#[from] io::Error),
    /// The response is not HTTP, or of a kind that is not supported here.
    #[error("response: {0}")]
    Malformed(&'static str),
}

/// The result of a request.
pub type Result<T> = std::result::Result<T, HttpError>;

/// A response; valid until the next request is sent.
#[derive(Debug)]
pub struct Response<'a> {
    /// The status, such as 200.
    pub status: u16,
    /// The body.
    pub body: &'a [u8],
}

/// A persistent connection.
#[derive(Debug)]
pub struct HttpConnection {
    stream: TcpStream,
    received: Vec<u8>,
}

/// The status of a response, and where its body is in the received bytes.
#[derive(Debug, PartialEq, Eq)]
struct Head {
    status: u16,
    body: std::ops::Range<usize>,
}

impl HttpConnection {
    /// Connects.
    pub async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            received: Vec::with_capacity(4 * 1_024),
        })
    }

    /// Sends a request, given as the bytes to send, and waits for the response.
    pub async fn exchange(&mut self, request: &[u8]) -> Result<Response<'_>> {
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
                return Ok(Response {
                    status: *status,
                    body: &self.received[body.clone()],
                });
            }
        }
    }

    /// `GET`s a path.
    pub async fn get(&mut self, path: &str) -> Result<Response<'_>> {
        let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n");
        self.exchange(request.as_bytes()).await
    }
}

/// Reads the head of a response, once it is complete.
fn read_head(received: &[u8]) -> Result<Option<Head>> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    let parsed = response
        .parse(received)
        .map_err(|_| HttpError::Malformed("not HTTP"))?;
    let httparse::Status::Complete(start) = parsed else {
        return Ok(None);
    };
    let length = response
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
        status: response.code.unwrap_or_default(),
        body: start..start + length,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_once_it_is_complete() {
        let response = b"HTTP/1.1 404 Not Found\r\nA: b\r\nContent-Length: 2\r\n\r\nno";
        assert_eq!(read_head(&response[..30]).unwrap(), None);
        let head = read_head(response).unwrap().unwrap();
        assert_eq!((head.status, &response[head.body]), (404, b"no".as_slice()));
    }

    #[test]
    fn an_unsupported_response_is_an_error() {
        assert!(read_head(b"SSH-2.0-OpenSSH\r\n\r\n").is_err());
        let chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        assert!(read_head(chunked).is_err());
    }

    #[tokio::test]
    async fn a_connection_is_used_for_many_requests() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let large = "x".repeat(100_000);
        let body = large.clone();
        let app = axum::Router::new().route("/", axum::routing::get(async || body));
        tokio::spawn(async move { axum::serve(listener, app).await });
        let mut connection = HttpConnection::open(address).await.unwrap();
        for _ in 0..3 {
            let response = connection.get("/").await.unwrap();
            assert_eq!((response.status, response.body), (200, large.as_bytes()));
        }
        assert_eq!(connection.get("/no").await.unwrap().status, 404);
    }
}
