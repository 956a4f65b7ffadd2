//! Counts connected clients by room: for a metric, and because an event for an empty room
//! need not be sent.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use metrics::gauge;

use crate::metric_names as names;

/// Counts clients by room; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Clients(Arc<RwLock<HashMap<&'static str, Arc<AtomicUsize>>>>);

/// A client that is counted in a room, until this is dropped.
#[derive(Debug)]
pub struct Membership(Arc<AtomicUsize>);

impl Clients {
    /// Whether at least one client is in this room.
    pub fn any_in(&self, room: &'static str) -> bool {
        self.counter(room).load(Ordering::Relaxed) > 0
    }

    /// Counts a client in a room.
    pub fn join(&self, room: &'static str) -> Membership {
        let counter = self.counter(room);
        counter.fetch_add(1, Ordering::Relaxed);
        gauge!(names::SOCKETS).increment(1.0);
        Membership(counter)
    }

    fn counter(&self, room: &'static str) -> Arc<AtomicUsize> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(counter) = known.get(room) {
            return Arc::clone(counter);
        }
        drop(known);
        let mut rooms = self.0.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(rooms.entry(room).or_default())
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
        gauge!(names::SOCKETS).decrement(1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_that_has_left_is_not_counted() {
        let clients = Clients::default();
        let (one, two) = (clients.join("single"), clients.join("batch"));
        drop(one);
        assert!(!clients.any_in("single") && clients.any_in("batch"));
        drop(two);
        assert!(!clients.any_in("batch"));
    }
}
