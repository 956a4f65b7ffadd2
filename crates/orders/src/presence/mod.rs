//! Presence: which people have which order open, so that they see each other's edits
//! coming.
//!
//! - [`registry`]: the people on this instance and on other instances
//! - [`sockets`]: the messages of clients
//!
//! Every instance sends its own people to the others when they change and every few
//! seconds. The people of an instance that sends nothing for a while are dropped, so an
//! instance that crashed leaves no one behind.

pub mod registry;
pub mod sockets;

use std::time::Duration;

use domain::wire::presence::PRESENCE;
use domain::wire::sync::NAMESPACE;
use platform::live::relay::Relay;
use socketioxide::SocketIo;
use tokio::sync::mpsc;
use tokio::time::interval;
use tokio_util::sync::CancellationToken;
use tracing::debug;
use uuid::Uuid;

use registry::{People, Registry};

/// The shortest time between two broadcasts, so that many changes at once cost only a few
/// frames.
const MIN_INTERVAL: Duration = Duration::from_millis(100);

/// How often an instance sends its people when nothing changes.
const HEARTBEAT: Duration = Duration::from_secs(3);

/// An instance that sends nothing for this long counts as stopped, and its people are
/// dropped.
const INSTANCE_TIMEOUT: Duration = Duration::from_secs(10);

/// The relay to other instances, and the messages from them.
pub type Relayed = (Relay<People>, mpsc::Receiver<(Uuid, People)>);

/// The room of the clients that watch an order.
pub fn room(order: Uuid) -> String {
    format!("order:{order}")
}

/// Broadcasts presence to the clients that watch it and to other instances, until shut
/// down.
pub async fn run(
    registry: Registry,
    io: SocketIo,
    relayed: Option<Relayed>,
    shutdown: CancellationToken,
) {
    let (relay, from_others) = relayed.unzip();
    let mut from_others = from_others.unwrap_or_else(|| mpsc::channel(1).1);
    let mut heartbeat = interval(HEARTBEAT);
    loop {
        let mut send_to_others = false;
        tokio::select! {
            () = shutdown.cancelled() => break,
            () = registry.changed() => send_to_others = true,
            Some((from, people)) = from_others.recv() => registry.set_remote(from, people),
            _ = heartbeat.tick() => {
                registry.drop_silent_instances(INSTANCE_TIMEOUT);
                send_to_others = !registry.is_empty();
            }
        }
        if let Some(relay) = &relay
            && send_to_others
        {
            relay.send(registry.local());
        }
        for presence in registry.take_changed() {
            let Some(namespace) = io.of(NAMESPACE) else {
                return;
            };
            let room = room(presence.order);
            if let Err(error) = namespace.to(room).emit(PRESENCE, &presence).await {
                debug!(%error, "presence could not be sent to some clients");
            }
        }
        tokio::time::sleep(MIN_INTERVAL).await;
    }
    // All clients of this instance are disconnected now, so the other instances need not
    // wait for the timeout.
    if let Some(relay) = relay {
        relay.send(People::new());
        tokio::time::sleep(MIN_INTERVAL).await;
    }
}
