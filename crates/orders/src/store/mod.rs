//! The SQL on `orders` and `order_events`.
//!
//! - `read`: finds an order, and reads its history
//! - `lock`: finds and locks the orders that a transaction will change
//! - `write`: [`Changes`], the one place that writes orders, for webhooks and people alike

mod lock;
mod read;
mod write;

use domain::channels::account::Channel;
use sea_orm::DbErr;
use uuid::Uuid;

pub use lock::{lock_by_ids, lock_by_keys};
pub use read::{events, events_after, find};
pub use write::{Changes, PendingWrite};

/// The author of a change to an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A channel, through a delivery.
    Channel {
        /// The channel.
        channel: Channel,
        /// The id of the delivery.
        delivery_id: Uuid,
    },
    /// A person, with the name that they entered, if any. There are no accounts yet, so the
    /// name is not verified.
    Person(Option<String>),
}

impl Actor {
    /// The name that the history stores. A person's name has the prefix `desk`,
    /// for the order desk.
    pub fn name(&self) -> String {
        match self {
            Self::Channel { channel, .. } => channel.to_string(),
            Self::Person(None) => "desk".to_owned(),
            Self::Person(Some(name)) => format!("desk:{name}"),
        }
    }
}

/// Why an order was not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Another writer changed the order after it was read.
    #[error("another writer was faster")]
    Race,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
    /// There was another failure.
    #[error(transparent)]
    Other(#[from] anyhow::Error),
}

/// The SQL expression for the channel's id of an order, as it is indexed. Orders that were
/// stored before other channels were supported have only the number.
pub(crate) const EXTERNAL_ID: &str = "COALESCE(external_order_id, CAST(shopify_order_id AS TEXT))";
