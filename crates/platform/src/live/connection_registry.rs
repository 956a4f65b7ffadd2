//! Which TCP connection belongs to which client, so that the connection of a client
//! that does not keep up can be closed. A client that is asked to disconnect would not
//! connect again by itself; one whose connection breaks does.
//!
//! A client may begin by polling and go on with a WebSocket, over a connection that its
//! handshake does not know. A client that only polls has no connection of its own; its
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

/// What engine.io says to a client it does not know, which then connects anew.
const UNKNOWN: &str = r#"{"code":1,"message":"Session ID unknown"}"#;

/// The connections that clients upgraded to a WebSocket, and the clients that were
/// disconnected; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct ConnectionRegistry(Arc<Mutex<HashMap<String, Entry>>>);

#[derive(Debug)]
enum Entry {
    Open(Connection),
    Cut,
}

impl ConnectionRegistry {
    /// Closes a client's connection, whatever is still waiting to be sent.
    pub fn cut(&self, socket: &SocketRef) {
        let known = self.lock().insert(socket.id.to_string(), Entry::Cut);
        match known {
            Some(Entry::Open(connection)) => connection.cut(),
            Some(Entry::Cut) => {}
            // Its first is its only one.
            None => {
                if let Some(connection) = socket.req_parts().extensions.get::<Connection>() {
                    connection.cut();
                }
            }
        }
    }

    /// A client went over to another connection. Not every one joins the
    /// namespace, and so is forgotten: before there must be more room, those whose
    /// connection is over make some.
    fn open(&self, id: String, connection: Connection) {
        let mut entries = self.lock();
        if entries.len() == entries.capacity() {
            entries.retain(|_, entry| match entry {
                Entry::Open(connection) => !connection.is_over(),
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

    /// A client is gone.
    pub fn forget(&self, socket: &SocketRef) {
        self.lock().remove(&socket.id.to_string());
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Notes the connection of a client that goes over to a WebSocket, and refuses
/// one that was cut.
pub async fn watch(
    State(registry): State<ConnectionRegistry>,
    request: Request,
    next: Next,
) -> Response {
    if !request.uri().path().starts_with(PATH) {
        return next.run(request).await;
    }
    let id = session_id(&request).map(str::to_owned);
    if id.as_ref().is_some_and(|id| registry.is_cut(id)) {
        return (StatusCode::BAD_REQUEST, UNKNOWN).into_response();
    }
    let connection = request.extensions().get::<Connection>().cloned();
    let response = next.run(request).await;
    if response.status() == StatusCode::SWITCHING_PROTOCOLS
        && let Some(connection) = connection
    {
        connection.upgrade();
        if let Some(id) = id {
            registry.open(id, connection);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};

    use super::*;

    #[test]
    fn who_went_over_and_left_without_joining_is_not_kept_for_ever() {
        let registry = ConnectionRegistry::default();
        let stays = Connection::new(SocketAddr::from((Ipv4Addr::LOCALHOST, 1)));
        registry.open("stays".into(), stays);
        for number in 0..10_000 {
            let leaves = Connection::new(SocketAddr::from((Ipv4Addr::LOCALHOST, 2)));
            leaves.cut();
            registry.open(number.to_string(), leaves);
        }
        let kept = registry.lock();
        assert!(
            kept.len() < 10 && kept.contains_key("stays"),
            "{}",
            kept.len()
        );
    }
}
