//! The live connection: changed orders, the people who have them open, and the state
//! of the connection itself.
//!
//! While a page is rendered on the server, there is no socket.

#[cfg(feature = "hydrate")]
mod frames;
#[cfg(feature = "hydrate")]
mod socket;

use chrono::{DateTime, Utc};
use domain::wire::Order;
use domain::wire::presence::Presence;

use crate::reactive::{RwSignal, StoredValue};
use serde::Serialize;

/// The state of the live connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionState {
    /// Not connected yet.
    Connecting,
    /// Connected: changes arrive as they happen.
    Live,
    /// Disconnected, and reconnecting.
    Reconnecting,
    /// Reconnecting has failed for a while, or the browser has no network.
    Offline,
}

impl ConnectionState {
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
    /// The state of the connection.
    pub connection: RwSignal<ConnectionState>,
    /// The time of the last received change.
    pub changed_at: RwSignal<Option<DateTime<Utc>>>,
    /// While disconnected, the time up to which the page is up to date.
    pub true_until: RwSignal<DateTime<Utc>>,
    #[cfg(feature = "hydrate")]
    socket: StoredValue<Option<socket::Handle>>,
}

/// The handlers of a page for events of the connection.
pub struct Listeners<Orders, Connect, People> {
    /// Gets changed orders, many at a time.
    pub on_orders: Orders,
    /// Called at every connection: earlier changes may have been missed.
    pub on_connect: Connect,
    /// Gets the people who have an order open.
    pub on_presence: People,
    /// The position in the stream of changes, for pages that catch up.
    pub cursor: Option<SyncCursor>,
}

/// The position in the stream of changes up to which a page has received everything;
/// cheap to copy.
#[derive(Clone, Copy)]
pub struct SyncCursor {
    cursor: StoredValue<String>,
    /// Gaps so far: between two connections, changes are missed until the page has
    /// caught up. The cursor must not skip a gap.
    gaps: StoredValue<u32>,
    /// The number of the gap that was closed last.
    closed: StoredValue<u32>,
}

impl SyncCursor {
    /// Starts at a cursor, with an open gap behind it.
    pub fn new(cursor: String) -> Self {
        Self {
            cursor: StoredValue::new(cursor),
            gaps: StoredValue::new(1),
            closed: StoredValue::new(0),
        }
    }

    /// The cursor to catch up from.
    pub fn cursor(&self) -> String {
        self.cursor.get_value()
    }

    /// The number of the newest gap.
    pub fn gap(&self) -> u32 {
        self.gaps.get_value()
    }

    /// Caught up to a cursor. `closed` is the gap of which this is the end.
    pub fn advance(&self, cursor: String, closed: Option<u32>) {
        self.cursor.set_value(cursor);
        if let Some(gap) = closed {
            self.closed.set_value(gap);
        }
    }

    /// The server has sent every change up to this cursor.
    pub fn server_sent_up_to(&self, cursor: String) {
        // While a gap is open, what was sent after it does not count.
        if self.closed.get_value() == self.gaps.get_value() {
            self.cursor.set_value(cursor);
        }
    }

    /// The connection was lost, which opens a gap.
    pub fn connection_lost(&self) {
        self.gaps.update_value(|gaps| *gaps += 1);
    }
}

/// Opens the socket for the lifetime of the calling component. `now` is the time at
/// which the content of the page was read.
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
        connection: RwSignal::new(ConnectionState::Connecting),
        changed_at: RwSignal::new(None),
        true_until: RwSignal::new(now),
        #[cfg(feature = "hydrate")]
        socket: StoredValue::new(None),
    };
    #[cfg(feature = "hydrate")]
    crate::reactive::effect(move || {
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
    /// Sends a message to the server; dropped while disconnected.
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

    /// The id of this client among the people who have an order open.
    pub fn id(&self) -> Option<String> {
        #[cfg(feature = "hydrate")]
        return self
            .socket
            .with_value(|socket| Some(domain::wire::presence::client_id(&socket.as_ref()?.id()?)));
        #[cfg(not(feature = "hydrate"))]
        return None;
    }
}
