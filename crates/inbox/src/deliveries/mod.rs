//! Deliveries: what was acknowledged, and what became of it.
//!
//! - [`entity`]: a row
//! - [`store`]: the SQL; [`erasure`] that of erasing
//! - [`api`]: `GET /deliveries` and retries; [`stats`]: `GET /deliveries/stats`
//! - [`retention`]: drops old payloads

pub mod api;
pub mod entity;
pub mod erasure;
pub mod retention;
pub mod stats;
pub mod store;

use chrono::{DateTime, Utc};
use domain::channels::account::ChannelAccount;
use domain::channels::event::ChannelEvent;
use uuid::Uuid;

use entity::DeliveryState;

/// A delivery on its way into the inbox.
#[derive(Debug, Clone)]
pub struct NewDelivery {
    /// Our id (`UUIDv7`), should this be the first of its webhook id.
    pub id: Uuid,
    /// The account it came from.
    pub account: ChannelAccount,
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
    pub event: Option<ChannelEvent>,
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
