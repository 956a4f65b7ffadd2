//! Connections over which no request came yet, oldest first. When there is no slot for
//! another connection, the oldest of them is closed. Otherwise a client that opens
//! connections and sends nothing could lock out all others, again and again, for as long
//! as the head of a request may take.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::connection::Connection;

/// The unused connections, oldest first; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct UnusedConnections(Arc<Mutex<VecDeque<Connection>>>);

impl UnusedConnections {
    /// Adds a connection that was accepted.
    pub fn add(&self, connection: Connection) {
        let mut waiting = self.lock();
        while waiting.front().is_some_and(|front| !front.is_unused()) {
            waiting.pop_front();
        }
        // Behind an unused one there may be many used or closed ones. They are removed only
        // before the queue has to grow, so the cost per connection stays small.
        if waiting.len() == waiting.capacity() {
            waiting.retain(Connection::is_unused);
        }
        waiting.push_back(connection);
    }

    /// Closes the oldest unused connection; `false` if there is none.
    pub fn close_oldest(&self) -> bool {
        let mut waiting = self.lock();
        while let Some(connection) = waiting.pop_front() {
            if connection.is_unused() {
                connection.cut();
                return true;
            }
        }
        false
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Connection>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};

    use super::*;

    fn connection() -> Connection {
        Connection::new(SocketAddr::from((Ipv4Addr::LOCALHOST, 1)))
    }

    #[test]
    fn the_oldest_unused_connection_is_closed_and_none_with_a_request() {
        let connections = UnusedConnections::default();
        let [first, second, third] = [(); 3].map(|()| connection());
        for connection in [&first, &second, &third] {
            connections.add(connection.clone());
        }
        first.record_request();
        assert!(connections.close_oldest());
        assert!(!first.is_closed() && second.is_closed() && !third.is_closed());
        assert!(connections.close_oldest() && third.is_closed());
        assert!(!connections.close_oldest());
    }

    #[test]
    fn used_and_closed_connections_are_removed() {
        let connections = UnusedConnections::default();
        connections.add(connection());
        for _ in 0..10_000 {
            let connection = connection();
            connections.add(connection.clone());
            connection.record_request();
        }
        assert!(connections.lock().len() < 10);
    }
}
