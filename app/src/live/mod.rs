//! The live connection: orders as they change, who has them open, and how well
//! we hear of both.
//!
//! On the server there is no socket and everything here stands still.

#[cfg(feature = "hydrate")]
mod frames;
#[cfg(feature = "hydrate")]
mod socket;

use chrono::{DateTime, Utc};
use domain::api::Order;
use domain::presence::Presence;
use leptos::prelude::*;
use serde::Serialize;

/// How well the dashboard hears of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connection {
    /// Not connected yet.
    Connecting,
    /// Changes arrive as they happen.
    Live,
    /// Not connected any more, and trying.
    Reconnecting,
    /// Trying for a while without success, or the browser has no network.
    Offline,
}

impl Connection {
    /// For style sheets and tests.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Live => "live",
            Self::Reconnecting => "reconnecting",
            Self::Offline => "offline",
        }
    }

    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Connecting => "Connecting",
            Self::Live => "Live",
            Self::Reconnecting => "Reconnecting",
            Self::Offline => "Offline",
        }
    }
}

/// The live connection of a page; cheap to copy.
#[derive(Clone, Copy)]
pub struct Live {
    /// How well changes are heard.
    pub connection: RwSignal<Connection>,
    /// When an order last changed, as far as this page knows.
    pub changed_at: RwSignal<Option<DateTime<Utc>>>,
    /// Until when what is shown is known to be true; while live, now.
    pub true_until: RwSignal<DateTime<Utc>>,
    #[cfg(feature = "hydrate")]
    socket: StoredValue<Option<socket::Handle>>,
}

/// What a page does with what it hears.
pub struct Listeners<Orders, Connect, People> {
    /// Gets orders, many at a time.
    pub on_orders: Orders,
    /// Called at every connection: changes may have been missed before it.
    pub on_connect: Connect,
    /// Gets who has an order open.
    pub on_presence: People,
}

/// Opens the socket for as long as the calling component lives. `now` is when
/// what the page shows was true.
pub fn use_live<Orders, Connect, People>(
    now: DateTime<Utc>,
    listeners: Listeners<Orders, Connect, People>,
) -> Live
where
    Orders: Fn(Vec<Order>) + Clone + 'static,
    Connect: Fn() + Clone + 'static,
    People: Fn(Presence) + Clone + 'static,
{
    let live = Live {
        connection: RwSignal::new(Connection::Connecting),
        changed_at: RwSignal::new(None),
        true_until: RwSignal::new(now),
        #[cfg(feature = "hydrate")]
        socket: StoredValue::new(None),
    };
    #[cfg(feature = "hydrate")]
    Effect::new(move || {
        socket::open(
            live,
            listeners.on_orders.clone(),
            listeners.on_connect.clone(),
            listeners.on_presence.clone(),
        );
    });
    #[cfg(not(feature = "hydrate"))]
    drop(listeners);
    live
}

impl Live {
    /// Says something to the server, if it can hear it.
    pub fn emit(&self, event: &str, data: &impl Serialize) {
        #[cfg(feature = "hydrate")]
        self.socket.with_value(|socket| {
            if let Some(socket) = socket {
                socket.emit(event, data);
            }
        });
        #[cfg(not(feature = "hydrate"))]
        let _ = (event, data);
    }

    /// What others know this page's connection by.
    pub fn id(&self) -> Option<String> {
        #[cfg(feature = "hydrate")]
        return self.socket.with_value(|socket| socket.as_ref()?.id());
        #[cfg(not(feature = "hydrate"))]
        return None;
    }
}
