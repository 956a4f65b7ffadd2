//! The inbox, and what is answered at the door.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Answer to an accepted, repeated or ignored webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct WebhookReceipt {
    /// What became of it.
    pub status: WebhookStatus,
    /// The delivery it is recorded as.
    pub delivery_id: Uuid,
}

/// What became of a webhook at the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum WebhookStatus {
    /// Stored, and will be processed.
    Accepted,
    /// Stored before under the same webhook id.
    Duplicate,
    /// Stored, but of a topic the desk does not act on.
    Ignored,
}

/// A delivery, without its payload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct DeliverySummary {
    /// Our id.
    pub id: Uuid,
    /// The channel, such as `shopify`.
    pub source: String,
    /// The shop's domain.
    pub shop: String,
    /// The channel's id: repeats have the same.
    pub webhook_id: String,
    /// The channel's topic, as sent.
    pub topic: String,
    /// When the channel says it happened.
    pub triggered_at: Option<DateTime<Utc>>,
    /// When it reached us.
    pub received_at: DateTime<Utc>,
    /// `pending`, `applied`, `unchanged`, `discarded`, `ignored`, `rejected` or
    /// `dead`.
    pub state: String,
    /// Failed attempts so far.
    pub attempts: i32,
    /// When a pending one is looked at next.
    pub due_at: Option<DateTime<Utc>>,
    /// Why it failed or was not applied, or what was odd about it.
    pub error: Option<String>,
    /// The order it is about, once known.
    pub order_id: Option<Uuid>,
    /// When it was done with.
    pub finished_at: Option<DateTime<Utc>>,
}

/// A delivery with its payload: `GET /deliveries/{id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct DeliveryDetail {
    /// Everything else.
    #[serde(flatten)]
    pub summary: DeliverySummary,
    /// The raw body, byte for byte as signed.
    pub payload: Option<String>,
    /// The raw body, should it not be text.
    pub payload_base64: Option<String>,
    /// When the body was dropped, by age or for privacy.
    pub payload_pruned_at: Option<DateTime<Utc>>,
}

/// One page of `GET /deliveries`, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct DeliveryPage {
    /// The deliveries.
    pub data: Vec<DeliverySummary>,
    /// Pass as `cursor` to get older ones.
    pub next_cursor: Option<String>,
    /// There are older ones.
    pub has_more: bool,
}

/// Which deliveries are meant; what is absent matches all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeliveryFilter {
    /// The channel's topic.
    #[serde(default)]
    pub topic: Option<String>,
    /// The shop's domain.
    #[serde(default)]
    pub shop: Option<String>,
    /// A webhook id, or the id of a delivery or an order.
    #[serde(default)]
    pub q: Option<String>,
}

/// Body of `POST /deliveries/retry`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RetryRequest {
    /// Which dead deliveries to retry; `{}` is all of them.
    pub filter: DeliveryFilter,
}

/// Answer to a retry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Retried {
    /// Deliveries that are pending again.
    pub retried: u64,
}
