//! How many clients are connected, and of which kind; and the end of those that
//! are too slow.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use domain::sync::{BATCH_ROOM, ROOM};
use metrics::{counter, gauge};
use socketioxide::SocketError;
use socketioxide::extract::SocketRef;
use tracing::info;

use crate::http::connection::Connection;
use crate::telemetry::metrics::names;

/// Counts clients; cheap to clone.
#[derive(Clone, Debug)]
pub struct Clients(Arc<Counts>);

#[derive(Debug)]
struct Counts {
    most: usize,
    single: AtomicUsize,
    batched: AtomicUsize,
}

impl Clients {
    /// Nobody yet, and `most` at a time.
    pub fn new(most: usize) -> Self {
        Self(Arc::new(Counts {
            most,
            single: AtomicUsize::new(0),
            batched: AtomicUsize::new(0),
        }))
    }

    /// Another client fits in.
    pub fn has_room(&self) -> bool {
        let count = |room| self.of(room).load(Ordering::Relaxed);
        count(ROOM) + count(BATCH_ROOM) < self.0.most
    }

    /// Somebody is in this room. Saves the trouble of telling nobody.
    pub fn any_in(&self, room: &str) -> bool {
        self.of(room).load(Ordering::Relaxed) > 0
    }

    /// A client joined a room.
    pub fn joined(&self, room: &str) {
        self.of(room).fetch_add(1, Ordering::Relaxed);
        gauge!(names::SOCKETS).increment(1.0);
    }

    /// A client that joined a room is gone.
    pub fn left(&self, room: &str) {
        self.of(room).fetch_sub(1, Ordering::Relaxed);
        gauge!(names::SOCKETS).decrement(1.0);
    }

    fn of(&self, room: &str) -> &AtomicUsize {
        if room == BATCH_ROOM {
            &self.0.batched
        } else {
            &self.0.single
        }
    }
}

/// An event nobody listens to: whether it fits tells whether there is room.
const PROBE: &str = "PROBE";

/// Cuts the clients that have no room left for what they are sent: they missed
/// something, and learn it again when they reconnect.
pub fn cut_slow(sockets: Vec<SocketRef>) {
    for socket in sockets {
        let full = socket.emit(PROBE, &()).is_err_and(|error| {
            matches!(
                error,
                socketioxide::SendError::Socket(SocketError::InternalChannelFull)
            )
        });
        if !full {
            continue;
        }
        if let Some(connection) = socket.req_parts().extensions.get::<Connection>() {
            info!(socket.id = %socket.id, "client cut: too slow");
            counter!(names::SOCKETS_CUT).increment(1);
            connection.cut();
        }
    }
}
