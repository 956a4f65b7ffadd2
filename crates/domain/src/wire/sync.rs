//! The names of events and rooms on the live socket (Socket.IO v4), shared by server and
//! browser.

/// The namespace to which dashboards connect.
pub const NAMESPACE: &str = "/sync";

/// Room of clients that receive one [`ORDER_SYNCED`] per change.
pub const ROOM: &str = "sync";

/// Room of clients that asked for [`ORDERS_SYNCED`] frames (`auth: {"batch": true}`).
pub const BATCH_ROOM: &str = "sync-batch";

/// Room of clients that asked for [`CURSOR`] (`auth: {"cursor": true}`).
pub const CURSOR_ROOM: &str = "sync-cursor";

/// Event: a cursor for `GET /orders/changes`. All changes up to it have been
/// sent, so a client that loses its connection later need not ask for them.
pub const CURSOR: &str = "CURSOR";

/// Event: an order in its new state.
pub const ORDER_SYNCED: &str = "ORDER_SYNCED";

/// Event: several orders, each in its newest version; at most one frame per
/// [`BATCH_INTERVAL_MS`].
pub const ORDERS_SYNCED: &str = "ORDERS_SYNCED";

/// The shortest time between two [`ORDERS_SYNCED`] frames, in milliseconds.
pub const BATCH_INTERVAL_MS: u64 = 50;
