//! Who has which order open.
//!
//! - [`registry`]: who is where, here and on other instances
//! - [`sockets`]: what clients say and ask
//!
//! Every instance tells the others of its own people when something changes and
//! every few seconds; who is not heard of for a while is gone, however their
//! instance ended.

pub mod registry;
pub mod sockets;

use std::time::Duration;

use domain::wire::presence::{PRESENCE, Person};
use domain::wire::sync::NAMESPACE;
use platform::live::relay::Relay;
use socketioxide::SocketIo;
use tokio::sync::mpsc;
use tokio::time::interval;
use tokio_util::sync::CancellationToken;
use tracing::debug;
use uuid::Uuid;

use registry::Registry;

/// The shortest time between two rounds of news: a storm costs a few frames.
const PAUSE: Duration = Duration::from_millis(100);

/// How often instances say who is here when nothing changes.
const HEARTBEAT: Duration = Duration::from_secs(3);

/// An instance silent for this long is taken for gone, and its people with it.
const SILENCE: Duration = Duration::from_secs(10);

/// One instance's people: who has which order open.
pub type People = Vec<(Uuid, Person)>;

/// The relay to other instances, and what arrives from them.
pub type Relayed = (Relay<People>, mpsc::Receiver<(Uuid, People)>);

/// The room of those who watch an order.
pub fn room(order: Uuid) -> String {
    format!("order:{order}")
}

/// Tells watchers who is where, until shut down.
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
        let mut tell_others = false;
        tokio::select! {
            () = shutdown.cancelled() => break,
            () = registry.changed() => tell_others = true,
            Some((from, people)) = from_others.recv() => registry.others(from, people),
            _ = heartbeat.tick() => {
                registry.forget_silent(SILENCE);
                tell_others = !registry.is_empty();
            }
        }
        if let Some(relay) = &relay
            && tell_others
        {
            relay.send(registry.here());
        }
        for presence in registry.take_news() {
            let Some(namespace) = io.of(NAMESPACE) else {
                return;
            };
            let room = room(presence.order);
            if let Err(error) = namespace.to(room).emit(PRESENCE, &presence).await {
                debug!(%error, "some clients did not hear who is where");
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
    // Everybody here is leaving; the others need not wait to find out.
    if let Some(relay) = relay {
        relay.send(People::new());
        tokio::time::sleep(PAUSE).await;
    }
}
