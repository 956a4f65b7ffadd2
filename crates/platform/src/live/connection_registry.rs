//! Which TCP connection belongs to which client, so that the connection of a client that
//! is too slow can be closed. A client does not reconnect after a regular disconnect of
//! Socket.IO, but it does after its connection broke.
//!
//! A client may begin with polling and continue with a WebSocket, over another connection
//! than that of its handshake. A client that only polls has no connection of its own; its
//! next poll is refused instead.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use socketioxide::extract::SocketRef;

use super::socket::{PATH, session_id};
use crate::http::connection::Connection;

/// The answer of Engine.IO to an unknown session; the client then connects again.
const UNKNOWN_SESSION: &str = r#"{"code":1,"message":"Session ID unknown"}"#;

/// The connections that were upgraded to a WebSocket, by session id, and the sessions that
/// were cut; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct ConnectionRegistry(Arc<Mutex<HashMap<String, Entry>>>);

#[derive(Debug)]
enum Entry {
    Open(Connection),
    Cut,
}

impl ConnectionRegistry {
    /// Closes a client's connection at once. Data that waits to be sent is lost.
    pub fn cut(&self, socket: &SocketRef) {
        let known = self.lock().insert(socket.id.to_string(), Entry::Cut);
        match known {
            Some(Entry::Open(connection)) => connection.cut(),
            Some(Entry::Cut) => {}
            // It was not upgraded: its connection is that of the handshake.
            None => {
                if let Some(connection) = socket.req_parts().extensions.get::<Connection>() {
                    connection.cut();
                }
            }
        }
    }

    /// Registers the connection that a client upgraded. A client that never joins the
    /// namespace is not removed by [`Self::forget`], so entries with a closed connection
    /// are removed before the map has to grow.
    fn register(&self, id: String, connection: Connection) {
        let mut entries = self.lock();
        if entries.len() == entries.capacity() {
            entries.retain(|_, entry| match entry {
                Entry::Open(connection) => !connection.is_closed(),
                Entry::Cut => true,
            });
        }
        match entries.get(&id) {
            Some(Entry::Cut) => connection.cut(),
            _ => drop(entries.insert(id, Entry::Open(connection))),
        }
    }

    fn is_cut(&self, id: &str) -> bool {
        matches!(self.lock().get(id), Some(Entry::Cut))
    }

    /// Removes a client that has disconnected.
    pub fn forget(&self, socket: &SocketRef) {
        self.lock().remove(&socket.id.to_string());
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Registers the connection of a client that upgrades to a WebSocket, and refuses requests
/// of a session that was cut.
pub async fn track(
    State(registry): State<ConnectionRegistry>,
    request: Request,
    next: Next,
) -> Response {
    if !request.uri().path().starts_with(PATH) {
        return next.run(request).await;
    }
    let id = session_id(&request).map(str::to_owned);
    if id.as_ref().is_some_and(|id| registry.is_cut(id)) {
        return (StatusCode::BAD_REQUEST, UNKNOWN_SESSION).into_response();
    }
    let connection = request.extensions().get::<Connection>().cloned();
    let response = next.run(request).await;
    if response.status() == StatusCode::SWITCHING_PROTOCOLS
        && let Some(connection) = connection
    {
        connection.upgrade();
        if let Some(id) = id {
            registry.register(id, connection);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};

    use super::*;

    #[test]
    fn a_client_that_upgraded_and_left_without_joining_is_removed() {
        let registry = ConnectionRegistry::default();
        let open = Connection::new(SocketAddr::from((Ipv4Addr::LOCALHOST, 1)));
        registry.register("open".into(), open);
        for number in 0..10_000 {
            let closed = Connection::new(SocketAddr::from((Ipv4Addr::LOCALHOST, 2)));
            closed.cut();
            registry.register(number.to_string(), closed);
        }
        let kept = registry.lock();
        assert!(
            kept.len() < 10 && kept.contains_key("open"),
            "{}",
            kept.len()
        );
    }
}
