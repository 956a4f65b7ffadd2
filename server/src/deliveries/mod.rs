//! The inbox: what has been acknowledged, and what became of it.
//!
//! - [`inbox`]: takes deliveries in, many to a commit
//! - [`fresh`]: what came in a moment ago, already read
//! - [`store`]: the SQL
//! - [`api`]: `GET /deliveries` and retries
//! - [`stats`]: `GET /deliveries/stats`

pub mod api;
pub mod fresh;
pub mod inbox;
pub mod stats;
pub mod store;

use chrono::{DateTime, Utc};
use domain::notice::Notice;
use uuid::Uuid;

use crate::db::entities::delivery::DeliveryState;

/// The only channel so far; others will have their own name here.
pub const SOURCE_SHOPIFY: &str = "shopify";

/// A delivery on its way into the inbox.
#[derive(Debug, Clone)]
pub struct NewDelivery {
    /// Our id (`UUIDv7`), should this be the first of its webhook id.
    pub id: Uuid,
    /// The channel: [`SOURCE_SHOPIFY`].
    pub source: &'static str,
    /// The shop's domain.
    pub shop: String,
    /// The channel's id of this delivery: the idempotency key.
    pub webhook_id: String,
    /// The channel's topic, as sent.
    pub topic: String,
    /// When the channel says it happened.
    pub triggered_at: Option<DateTime<Utc>>,
    /// When it reached us.
    pub received_at: DateTime<Utc>,
    /// `Pending`, or a final state for what needs no processing.
    pub state: DeliveryState,
    /// Why it was rejected.
    pub error: Option<String>,
    /// What it says, when it is to be processed.
    pub notice: Option<Notice>,
    /// The raw body.
    pub payload: Vec<u8>,
}

/// What the inbox did with a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// First of its webhook id: committed under this id.
    New(Uuid),
    /// Committed before, under this id.
    Duplicate(Uuid),
}
