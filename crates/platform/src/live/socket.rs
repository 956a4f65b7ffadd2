//! The limits of the live socket: of messages, of waiting packets, and of time.

use std::time::Duration;

use axum::extract::Request;
use socketioxide::{ParserConfig, SocketIo, SocketIoBuilder};

/// The largest message that a client may send, in bytes, in all of its frames or packets
/// together: a hundred watched orders take four thousand.
pub const MAX_CLIENT_MESSAGE: u16 = 16 * 1024;

/// Where Socket.IO is served.
pub const PATH: &str = "/socket.io";

/// Packets that may wait for a slow client. A client with more is disconnected, and
/// catches up when it connects again.
pub const MAX_CLIENT_BACKLOG: usize = 256;

/// A client that has not joined a namespace within this time is disconnected.
const JOIN_TIMEOUT: Duration = Duration::from_secs(10);

/// The read buffer of a WebSocket, in bytes. It is small because messages are short.
const READ_BUFFER: usize = 4 * 1024;

/// A connection that broke silently is noticed, on both sides, within the sum of the two:
/// a dashboard relies on that when it shows that it is live.
const PING_INTERVAL: Duration = Duration::from_secs(10);
const PING_TIMEOUT: Duration = Duration::from_secs(10);

/// A socket with these limits, without namespaces yet.
pub fn builder() -> SocketIoBuilder {
    SocketIo::builder()
        .max_payload(MAX_CLIENT_MESSAGE.into())
        .ws_max_message_size(MAX_CLIENT_MESSAGE.into())
        .ws_max_frame_size(MAX_CLIENT_MESSAGE.into())
        .ws_read_buffer_size(READ_BUFFER)
        // No client sends binary messages, whose parts would wait in memory.
        .with_parser(ParserConfig::common().max_incoming_binaries(0))
        .connect_timeout(JOIN_TIMEOUT)
        .max_buffer_size(MAX_CLIENT_BACKLOG)
        .ping_interval(PING_INTERVAL)
        .ping_timeout(PING_TIMEOUT)
}

/// The session that a request to [`PATH`] belongs to; none when it begins one.
pub(super) fn session_id(request: &Request) -> Option<&str> {
    let query = request.uri().query()?;
    query.split('&').find_map(|part| part.strip_prefix("sid="))
}
