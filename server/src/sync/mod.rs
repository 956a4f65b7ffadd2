//! The live socket: Socket.IO v4, namespace `/sync`.
//!
//! - [`clients`]: how many there are
//! - [`publisher`]: broadcasts committed changes, and sweeps the outbox
//! - [`conflate`]: many changes into few frames
//! - [`handshakes`]: how many sessions may begin
//! - [`lines`]: which connection leads to which client
//! - [`marker`]: remembers what was broadcast
//! - [`progress`]: up to where clients have been told everything
//! - [`presence`]: who has which order open
//! - [`relay`]: news of other instances
//! - [`tell`]: to everybody in a room, and the end of those too slow

pub mod clients;
pub mod conflate;
pub mod handshakes;
pub mod lines;
pub mod marker;
pub mod presence;
pub mod progress;
pub mod publisher;
pub mod relay;
pub mod tell;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use domain::wire::Object;
use domain::wire::sync::{BATCH_ROOM, CURSOR_ROOM, NAMESPACE, ROOM};
use serde::Deserialize;
use socketioxide::extract::{SocketRef, State, TryData};
use socketioxide::handler::ConnectHandler;
use socketioxide::layer::SocketIoLayer;
use socketioxide::{ParserConfig, SocketIo};
use tracing::debug;

use crate::http::origin::{self, AllowedOrigins};
use clients::Clients;
use lines::Lines;
use presence::registry::Registry;

/// The largest message a client may send, in bytes, however it is cut into
/// frames or packets: a hundred watched orders take four thousand.
pub const MAX_CLIENT_MESSAGE: u16 = 16 * 1024;

/// Where Socket.IO is served.
const PATH: &str = "/socket.io";

/// A client joins [`NAMESPACE`] within this time or is disconnected.
const JOIN_TIMEOUT: Duration = Duration::from_secs(10);

/// What is read of a WebSocket at a time: messages are short.
const READ_BUFFER: usize = 4 * 1024;

/// A connection that broke silently is noticed, on both sides, within the two
/// together: what a dashboard says about its own liveness is true to that.
const PING_INTERVAL: Duration = Duration::from_secs(10);
const PING_TIMEOUT: Duration = Duration::from_secs(10);

/// Packets that may wait for a slow client. One that has no room for another is
/// cut, and catches up on reconnecting.
const MAX_CLIENT_BACKLOG: usize = 256;

/// What a client may wish for when it connects (`auth`).
#[derive(Debug, Default, Deserialize)]
struct Wishes {
    /// `ORDERS_SYNCED` frames instead of one `ORDER_SYNCED` per change.
    #[serde(default)]
    batch: bool,
    /// A `CURSOR` now and then, to catch up from after a broken connection.
    #[serde(default)]
    cursor: bool,
}

/// The tower layer that serves `/socket.io`, the handle to emit through, and the
/// connections to cut.
pub fn socket_layer(
    allowed: AllowedOrigins,
    people: Registry,
    clients: Clients,
) -> (SocketIoLayer, SocketIo, Lines) {
    let (layer, io) = SocketIo::builder()
        .max_payload(MAX_CLIENT_MESSAGE.into())
        .ws_max_message_size(MAX_CLIENT_MESSAGE.into())
        .ws_max_frame_size(MAX_CLIENT_MESSAGE.into())
        .ws_read_buffer_size(READ_BUFFER)
        // Nobody has anything binary to say; parts of it would wait in memory.
        .with_parser(ParserConfig::common().max_incoming_binaries(0))
        .connect_timeout(JOIN_TIMEOUT)
        .max_buffer_size(MAX_CLIENT_BACKLOG)
        .ping_interval(PING_INTERVAL)
        .ping_timeout(PING_TIMEOUT)
        .with_state(people)
        .build_layer();
    let lines = Lines::default();
    let known = lines.clone();
    let admit = move |socket: SocketRef, TryData(wishes): TryData<Object<Wishes>>| {
        let ours = origin::is_ours(&socket.req_parts().headers, &allowed);
        // Other clients send other things as `auth`, or nothing: they get the
        // default.
        let Object(wishes) = wishes.unwrap_or_default();
        std::future::ready(if ours {
            admit(&socket, &wishes, &clients, &known);
            Ok(())
        } else {
            Err("cross-origin connections are not allowed")
        })
    };
    io.ns(NAMESPACE, on_connect.with(admit));
    (layer, io, lines)
}

/// Lets a client in: before it is told that it is connected, so that everything
/// committed after that reaches it. Whatever it reads then, nothing is in between.
fn admit(socket: &SocketRef, wishes: &Wishes, clients: &Clients, lines: &Lines) {
    let room = if wishes.batch { BATCH_ROOM } else { ROOM };
    let seat = clients.seat(room);
    socket.join(room);
    if wishes.cursor {
        socket.join(CURSOR_ROOM);
    }
    let (seat, lines) = (Arc::new(seat), lines.clone());
    socket.on_disconnect(
        async move |socket: SocketRef, State(people): State<Registry>| {
            drop(seat);
            lines.forget(&socket);
            people.moved(socket.id, None);
        },
    );
}

/// The session a request to [`PATH`] belongs to; none when it begins one.
fn session_id(request: &Request) -> Option<&str> {
    let query = request.uri().query()?;
    query.split('&').find_map(|part| part.strip_prefix("sid="))
}

async fn on_connect(socket: SocketRef) {
    presence::sockets::listen(&socket);
    debug!(socket.id = %socket.id, "client connected");
}
