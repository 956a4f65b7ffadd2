//! Deliveries: the webhooks that were acknowledged, and their states. They are kept so
//! that none is lost and none is applied twice.
//!
//! - [`entity`]: a row
//! - [`store`]: the SQL to store, claim and finish deliveries; [`erasure`]: the SQL to
//!   erase them
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

/// A delivery that is to be stored.
#[derive(Debug, Clone)]
pub struct NewDelivery {
    /// Its id (`UUIDv7`), unless the webhook id is stored already.
    pub id: Uuid,
    /// The account it came from.
    pub account: ChannelAccount,
    /// The channel's id of this delivery: the idempotency key.
    pub webhook_id: String,
    /// The channel's topic, as sent.
    pub topic: String,
    /// The time of the event at the channel, if the channel sent it.
    pub triggered_at: Option<DateTime<Utc>>,
    /// When the server received it.
    pub received_at: DateTime<Utc>,
    /// `Pending`, or a final state if it needs no processing.
    pub state: DeliveryState,
    /// Why it was rejected.
    pub error: Option<String>,
    /// Its parsed content, if it is to be processed.
    pub event: Option<ChannelEvent>,
    /// The raw body.
    pub payload: Vec<u8>,
}

/// The result of storing a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// The first delivery with its webhook id, committed under this id.
    New(Uuid),
    /// A repeat of the delivery that was committed before under this id.
    Duplicate(Uuid),
}
