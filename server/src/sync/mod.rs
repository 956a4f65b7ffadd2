//! The live socket: Socket.IO v4, namespace `/sync`.
//!
//! - [`clients`]: how many there are
//! - [`publisher`]: broadcasts committed changes, and sweeps the outbox
//! - [`conflate`]: many changes into few frames
//! - [`lines`]: which connection leads to which client
//! - [`marker`]: remembers what was broadcast
//! - [`progress`]: up to where clients have been told everything
//! - [`presence`]: who has which order open
//! - [`relay`]: news of other instances
//! - [`tell`]: to everybody in a room, and the end of those too slow

pub mod clients;
pub mod conflate;
pub mod lines;
pub mod marker;
pub mod presence;
pub mod progress;
pub mod publisher;
pub mod relay;
pub mod tell;

use std::sync::Arc;
use std::time::Duration;

use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderValue};
use domain::sync::{BATCH_ROOM, CURSOR_ROOM, NAMESPACE, ROOM};
use metrics::counter;
use serde::Deserialize;
use socketioxide::SocketIo;
use socketioxide::extract::{SocketRef, State, TryData};
use socketioxide::handler::ConnectHandler;
use socketioxide::layer::SocketIoLayer;
use tracing::debug;

use crate::telemetry::metrics::names;
use clients::Clients;
use lines::Lines;
use presence::registry::Registry;

/// The largest message a client may send, in bytes: a hundred watched orders
/// take four thousand.
const MAX_CLIENT_MESSAGE: u64 = 16 * 1024;

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
    allowed_origins: &[HeaderValue],
    people: Registry,
    clients: Clients,
) -> (SocketIoLayer, SocketIo, Lines) {
    let (layer, io) = SocketIo::builder()
        .max_payload(MAX_CLIENT_MESSAGE)
        .max_buffer_size(MAX_CLIENT_BACKLOG)
        .ping_interval(PING_INTERVAL)
        .ping_timeout(PING_TIMEOUT)
        .with_state(people)
        .build_layer();
    let allowed: Arc<[HeaderValue]> = allowed_origins.into();
    let lines = Lines::default();
    let known = lines.clone();
    let admit = move |socket: SocketRef, TryData(wishes): TryData<Wishes>| {
        let checked = check_origin(&socket.req_parts().headers, &allowed);
        // Other clients send other things as `auth`, or nothing: they get the
        // default.
        let wishes = wishes.unwrap_or_default();
        std::future::ready(checked.and_then(|()| admit(&socket, &wishes, &clients, &known)))
    };
    io.ns(NAMESPACE, on_connect.with(admit));
    (layer, io, lines)
}

/// Browsers let any page open a socket to any host, and say which page it was:
/// orders are for our own pages, and for programs, which send no origin.
fn check_origin(headers: &HeaderMap, allowed: &[HeaderValue]) -> Result<(), &'static str> {
    let Some(origin) = headers.get(ORIGIN) else {
        return Ok(());
    };
    if allowed.contains(origin) {
        return Ok(());
    }
    let text = |value: &HeaderValue| value.to_str().ok().map(str::to_ascii_lowercase);
    let ours = headers.get(HOST).and_then(text);
    let theirs = text(origin).and_then(|origin| {
        let (_scheme, host) = origin.split_once("://")?;
        Some(host.to_owned())
    });
    if ours.is_some() && ours == theirs {
        Ok(())
    } else {
        Err("cross-origin connections are not allowed")
    }
}

/// Lets a client in: before it is told that it is connected, so that everything
/// committed after that reaches it. Whatever it reads then, nothing is in between.
fn admit(
    socket: &SocketRef,
    wishes: &Wishes,
    clients: &Clients,
    lines: &Lines,
) -> Result<(), &'static str> {
    let room = if wishes.batch { BATCH_ROOM } else { ROOM };
    let Some(seat) = clients.seat(room) else {
        counter!(names::REFUSED, "what" => "socket").increment(1);
        return Err("too many clients are connected; try again later");
    };
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
    Ok(())
}

async fn on_connect(socket: SocketRef) {
    presence::sockets::listen(&socket);
    debug!(socket.id = %socket.id, "client connected");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(origin: Option<&'static str>) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_static("desk.example.com:9000"));
        if let Some(origin) = origin {
            headers.insert(ORIGIN, HeaderValue::from_static(origin));
        }
        let allowed = [HeaderValue::from_static("https://other.example.com")];
        check_origin(&headers, &allowed).is_ok()
    }

    #[test]
    fn only_our_own_pages_allowed_origins_and_programs_may_connect() {
        assert!(verdict(None));
        assert!(verdict(Some("https://desk.example.com:9000")));
        assert!(verdict(Some("https://other.example.com")));
        for stranger in ["https://evil.example", "https://desk.example.com", "null"] {
            assert!(!verdict(Some(stranger)), "{stranger}");
        }
    }
}
