//! How many clients are connected, and of which kind.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use domain::wire::sync::BATCH_ROOM;
use metrics::gauge;

use crate::telemetry::metrics::names;

/// Counts clients; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Clients(Arc<Counts>);

/// A client's place in a room.
#[derive(Debug)]
pub struct Seat {
    clients: Clients,
    room: &'static str,
}

#[derive(Debug, Default)]
struct Counts {
    single: AtomicUsize,
    batched: AtomicUsize,
}

impl Clients {
    /// Somebody is in this room. Saves the trouble of telling nobody.
    pub fn any_in(&self, room: &str) -> bool {
        self.of(room).load(Ordering::Relaxed) > 0
    }

    /// Counts a client in a room, until its seat is dropped.
    pub fn seat(&self, room: &'static str) -> Seat {
        self.of(room).fetch_add(1, Ordering::Relaxed);
        gauge!(names::SOCKETS).increment(1.0);
        Seat {
            clients: self.clone(),
            room,
        }
    }

    fn of(&self, room: &str) -> &AtomicUsize {
        if room == BATCH_ROOM {
            &self.0.batched
        } else {
            &self.0.single
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.clients.of(self.room).fetch_sub(1, Ordering::Relaxed);
        gauge!(names::SOCKETS).decrement(1.0);
    }
}

#[cfg(test)]
mod tests {
    use domain::wire::sync::ROOM;

    use super::*;

    #[test]
    fn a_seat_is_free_again_when_its_client_is_gone() {
        let clients = Clients::default();
        let (one, two) = (clients.seat(ROOM), clients.seat(BATCH_ROOM));
        drop(one);
        assert!(!clients.any_in(ROOM) && clients.any_in(BATCH_ROOM));
        drop(two);
        assert!(!clients.any_in(BATCH_ROOM));
    }
}
