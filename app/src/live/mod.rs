//! The live connection: orders as they change, and how well we hear of them.
//!
//! On the server there is no socket and everything here stands still.

#[cfg(feature = "hydrate")]
mod socket;

use domain::api::Order;
use leptos::prelude::*;

/// How well the dashboard hears of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connection {
    /// Not connected yet, or not any more, and trying.
    Connecting,
    /// Changes arrive as they happen.
    Live,
    /// Trying for a while without success, or the browser has no network.
    Offline,
}

impl Connection {
    /// For style sheets and tests.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Live => "live",
            Self::Offline => "offline",
        }
    }

    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Connecting => "Connecting",
            Self::Live => "Live",
            Self::Offline => "Offline",
        }
    }
}

/// Opens the socket for as long as the calling component lives. `on_orders`
/// gets every frame; `on_connect` is called at every connection, since changes
/// may have been missed before it.
pub fn use_live(
    on_orders: impl Fn(Vec<Order>) + Clone + 'static,
    on_connect: impl Fn() + Clone + 'static,
) -> ReadSignal<Connection> {
    let (connection, set_connection) = signal(Connection::Connecting);
    #[cfg(feature = "hydrate")]
    Effect::new(move || {
        socket::open(set_connection, on_orders.clone(), on_connect.clone());
    });
    #[cfg(not(feature = "hydrate"))]
    let _ = (on_orders, on_connect, set_connection);
    connection
}
