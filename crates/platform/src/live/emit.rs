//! Sends an event to a room, so that every client either receives it or is disconnected
//! and catches up later.

use std::time::Duration;

use metrics::counter;
use serde::Serialize;
use socketioxide::extract::SocketRef;
use socketioxide::{BroadcastError, SendError, SocketError, SocketIo};
use tracing::{info, warn};

use super::connection_registry::ConnectionRegistry;
use crate::metric_names as names;

/// An event that no client handles. Sending it shows whether a client's buffer is full.
const PROBE: &str = "PROBE";

/// How often an event is sent before all clients of the room are disconnected, and the
/// pauses in between: many times what a client needs to read from its buffer.
const ATTEMPTS: u32 = 10;
const PAUSE: Duration = Duration::from_millis(10);

/// Sends events to the rooms of one namespace; cheap to clone.
#[derive(Clone, Debug)]
pub struct Emitter {
    /// The Socket.IO server.
    pub io: SocketIo,
    /// The clients' connections.
    pub connections: ConnectionRegistry,
    /// The namespace.
    pub namespace: &'static str,
}

impl Emitter {
    /// Sends an event to a room.
    ///
    /// A client whose buffer is full is disconnected, and catches up when it connects
    /// again. Socket.IO reports only how many buffers were full, not which: that of a
    /// client which has read since then is not full any more. So the event is sent again
    /// until it fitted into every buffer; clients drop versions that they already have.
    pub async fn emit(&self, room: &'static str, event: &str, data: &impl Serialize) {
        let Some(namespace) = self.io.of(self.namespace) else {
            return;
        };
        for _ in 0..ATTEMPTS {
            let sent = namespace.clone().to(room).emit(event, data).await;
            let Err(BroadcastError::Socket(errors)) = sent else {
                return;
            };
            let missed = errors.iter().filter(|error| is_full(error)).count() as u64;
            if missed == 0 {
                return;
            }
            counter!(names::FRAMES_DROPPED).increment(missed);
            for socket in namespace.clone().to(room).sockets() {
                if is_slow(&socket) {
                    self.disconnect(&socket);
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
        warn!(
            room,
            "some clients could not be reached: every client of the room is disconnected"
        );
        for socket in namespace.to(room).sockets() {
            self.disconnect(&socket);
        }
    }

    fn disconnect(&self, socket: &SocketRef) {
        info!(socket.id = %socket.id, "client disconnected: too slow");
        counter!(names::SOCKETS_CUT).increment(1);
        // Otherwise it would receive later events, without the one that it missed.
        socket.leave_all();
        self.connections.cut(socket);
    }
}

const fn is_full(error: &SocketError) -> bool {
    matches!(error, SocketError::InternalChannelFull)
}

fn is_slow(socket: &SocketRef) -> bool {
    let probed = socket.emit(PROBE, &());
    probed.is_err_and(|error| matches!(error, SendError::Socket(error) if is_full(&error)))
}
