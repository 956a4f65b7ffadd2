//! The SQL on `orders` and `order_events`.
//!
//! - `read`: finds an order, and reads its history
//! - `lock`: finds and locks the orders that a transaction will change
//! - `write`: [`Changes`], the one place that writes orders, for webhooks and people alike
//! - `actor`: who changes an order

mod actor;
mod key;
mod lock;
mod read;
mod write;

pub use actor::Actor;
pub(crate) use key::EXTERNAL_ID;
pub use lock::{lock_by_ids, lock_by_keys};
pub use read::{events, events_after, find};
pub use write::{Changes, PendingWrite, WriteError};
