//! Connections that have sent no request yet, oldest first: when there is no room
//! for another, the one that has kept silent longest makes it. Whoever opens
//! connections and says nothing would otherwise lock everybody else out, again and
//! again, for as long as the head of a request may take.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::connection::Connection;

/// The silent connections; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct SilentConnections(Arc<Mutex<VecDeque<Connection>>>);

impl SilentConnections {
    /// A connection was accepted.
    pub fn add(&self, connection: Connection) {
        let mut waiting = self.lock();
        // Those at the front that have spoken or ended are nobody's business now.
        while waiting.front().is_some_and(Connection::is_settled) {
            waiting.pop_front();
        }
        // Behind a silent one there may be many: looked through when they would
        // take more memory, and so at no cost worth naming.
        if waiting.len() == waiting.capacity() {
            waiting.retain(|connection| !connection.is_settled());
        }
        waiting.push_back(connection);
    }

    /// Ends the connection that has kept silent longest; `false` if all have
    /// spoken.
    pub fn make_room(&self) -> bool {
        let mut waiting = self.lock();
        while let Some(connection) = waiting.pop_front() {
            if !connection.is_settled() {
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
    fn the_longest_silent_makes_room_and_nobody_who_has_spoken() {
        let silent = SilentConnections::default();
        let [first, second, third] = [(); 3].map(|()| connection());
        for connection in [&first, &second, &third] {
            silent.add(connection.clone());
        }
        first.speaks();
        assert!(silent.make_room());
        assert!(!first.is_over() && second.is_over() && !third.is_over());
        assert!(silent.make_room() && third.is_over());
        assert!(!silent.make_room());
    }

    #[test]
    fn who_has_spoken_or_left_is_not_kept() {
        let silent = SilentConnections::default();
        silent.add(connection());
        for _ in 0..10_000 {
            let connection = connection();
            silent.add(connection.clone());
            connection.speaks();
        }
        assert!(silent.lock().len() < 10);
    }
}
