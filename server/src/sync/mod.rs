//! The live socket: Socket.IO v4, namespace `/sync`.
//!
//! - [`publisher`]: broadcasts committed changes, and sweeps the outbox
//! - [`conflate`]: many changes into few frames
//! - [`relay`]: changes of other instances

pub mod conflate;
pub mod publisher;
pub mod relay;

use axum::http::header::{HOST, ORIGIN};
use domain::sync::{BATCH_ROOM, NAMESPACE, ROOM};
use serde::Deserialize;
use socketioxide::SocketIo;
use socketioxide::extract::{SocketRef, TryData};
use socketioxide::handler::ConnectHandler;
use socketioxide::layer::SocketIoLayer;
use tracing::debug;

/// The largest message a client may send, in bytes. Clients have nothing to
/// say yet beyond their wishes on connecting.
const MAX_CLIENT_MESSAGE: u64 = 16 * 1024;

/// Packets that may wait for a slow client; more are dropped. A client that
/// stalls for long misses its heartbeat, is cut, and catches up on reconnecting.
const MAX_CLIENT_BACKLOG: usize = 256;

/// What a client may wish for when it connects (`auth`).
#[derive(Debug, Default, Deserialize)]
struct Wishes {
    /// `ORDERS_SYNCED` frames instead of one `ORDER_SYNCED` per change.
    #[serde(default)]
    batch: bool,
}

/// The tower layer that serves `/socket.io`, and the handle to emit through.
pub fn socket_layer() -> (SocketIoLayer, SocketIo) {
    let (layer, io) = SocketIo::builder()
        .max_payload(MAX_CLIENT_MESSAGE)
        .max_buffer_size(MAX_CLIENT_BACKLOG)
        .build_layer();
    io.ns(NAMESPACE, on_connect.with(same_origin));
    (layer, io)
}

/// Browsers let any page open a socket to any host, and say which page it was:
/// orders are for our own pages, and for programs, which send no origin.
async fn same_origin(socket: SocketRef) -> Result<(), &'static str> {
    let headers = &socket.req_parts().headers;
    let Some(origin) = headers.get(ORIGIN) else {
        return Ok(());
    };
    let origin = origin
        .to_str()
        .ok()
        .and_then(|origin| origin.split_once("://"));
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    if origin.is_some_and(|(_, origin)| host.is_some_and(|host| host.eq_ignore_ascii_case(origin)))
    {
        Ok(())
    } else {
        Err("cross-origin connections are not allowed")
    }
}

async fn on_connect(socket: SocketRef, TryData(wishes): TryData<Wishes>) {
    // Other clients send other things as `auth`, or nothing: they get the default.
    let room = if wishes.unwrap_or_default().batch {
        BATCH_ROOM
    } else {
        ROOM
    };
    socket.join(room);
    debug!(socket.id = %socket.id, room, "client connected");
}
