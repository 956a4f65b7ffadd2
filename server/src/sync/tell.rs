//! Tells everybody in a room, and sees to it that whoever stays in it was told.

use std::time::Duration;

use domain::wire::sync::NAMESPACE;
use metrics::counter;
use serde::Serialize;
use socketioxide::extract::SocketRef;
use socketioxide::{BroadcastError, SendError, SocketError, SocketIo};
use tracing::{info, warn};

use super::lines::Lines;
use crate::telemetry::metrics::names;

/// An event nobody listens to: whether it fits tells whether there is room.
const PROBE: &str = "PROBE";

/// How often something is told before those who have no room for it count as
/// hopeless, and the pauses in between: many times what a client that reads
/// needs to make room.
const TELLINGS: u32 = 10;
const PAUSE: Duration = Duration::from_millis(10);

/// Emits an event to a room of [`NAMESPACE`].
///
/// A client that has no room for it is cut, and learns what it missed when it
/// connects again. Who had none is not said, though, only how many: one that has
/// made room since looks like all the others. So the room is told again until
/// everybody had room; clients drop versions they already have.
pub async fn tell(
    (io, lines): (&SocketIo, &Lines),
    room: &'static str,
    event: &str,
    data: &impl Serialize,
) {
    let Some(namespace) = io.of(NAMESPACE) else {
        return;
    };
    for _ in 0..TELLINGS {
        let told = namespace.clone().to(room).emit(event, data).await;
        let Err(BroadcastError::Socket(errors)) = told else {
            return;
        };
        let missed = errors.iter().filter(|error| is_full(error)).count() as u64;
        if missed == 0 {
            return;
        }
        counter!(names::FRAMES_DROPPED).increment(missed);
        for socket in namespace.clone().to(room).sockets() {
            if is_slow(&socket) {
                cut(&socket, lines);
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
    warn!(room, "who missed something cannot be told: all are cut");
    for socket in namespace.to(room).sockets() {
        cut(&socket, lines);
    }
}

const fn is_full(error: &SocketError) -> bool {
    matches!(error, SocketError::InternalChannelFull)
}

fn is_slow(socket: &SocketRef) -> bool {
    let probed = socket.emit(PROBE, &());
    probed.is_err_and(|error| matches!(error, SendError::Socket(error) if is_full(&error)))
}

fn cut(socket: &SocketRef, lines: &Lines) {
    info!(socket.id = %socket.id, "client cut: too slow");
    counter!(names::SOCKETS_CUT).increment(1);
    // It would only be told what comes after what it missed.
    socket.leave_all();
    lines.cut(socket);
}
