//! The live connection: orders as they change, who has them open, and how well
//! we hear of both.
//!
//! On the server there is no socket and everything here stands still.

#[cfg(feature = "hydrate")]
mod frames;
#[cfg(feature = "hydrate")]
mod socket;

use chrono::{DateTime, Utc};
use domain::wire::Order;
use domain::wire::presence::Presence;

use crate::shared::{RwSignal, StoredValue};
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
    /// Kept up to date, for pages that catch up.
    pub cursor: Option<Progress>,
}

/// Up to where a page has heard everything; cheap to copy.
#[derive(Clone, Copy)]
pub struct Progress {
    cursor: StoredValue<String>,
    /// Between two connections there is a gap that a cursor must not skip.
    gaps: StoredValue<u32>,
    /// The gap that was last filled.
    filled: StoredValue<u32>,
}

impl Progress {
    /// From a cursor on, with a gap behind it.
    pub fn new(cursor: String) -> Self {
        Self {
            cursor: StoredValue::new(cursor),
            gaps: StoredValue::new(1),
            filled: StoredValue::new(0),
        }
    }

    /// Where to catch up from.
    pub fn cursor(&self) -> String {
        self.cursor.get_value()
    }

    /// The gap there is to fill.
    pub fn gap(&self) -> u32 {
        self.gaps.get_value()
    }

    /// Caught up until here, and with `filled` to the end of a gap.
    pub fn advance(&self, cursor: String, filled: Option<u32>) {
        self.cursor.set_value(cursor);
        if let Some(gap) = filled {
            self.filled.set_value(gap);
        }
    }

    /// The server says everything up to here was sent.
    pub fn told(&self, cursor: String) {
        // A gap that opened since then is not filled.
        if self.filled.get_value() == self.gaps.get_value() {
            self.cursor.set_value(cursor);
        }
    }

    /// The connection broke.
    pub fn lose(&self) {
        self.gaps.update_value(|gaps| *gaps += 1);
    }
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
    crate::shared::effect(move || {
        socket::open(
            live,
            listeners.on_orders.clone(),
            listeners.on_connect.clone(),
            listeners.on_presence.clone(),
            listeners.cursor,
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
        return self
            .socket
            .with_value(|socket| Some(domain::wire::presence::client_id(&socket.as_ref()?.id()?)));
        #[cfg(not(feature = "hydrate"))]
        return None;
    }
}
