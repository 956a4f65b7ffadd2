//! The inbox, and what is answered at the door.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::query::escape;

/// The topics that are acted on, for filters. `channels::shopify::topic` decides.
pub const TOPICS: [&str; 12] = [
    "orders/create",
    "orders/updated",
    "orders/paid",
    "orders/cancelled",
    "orders/fulfilled",
    "orders/partially_fulfilled",
    "orders/edited",
    "orders/delete",
    "refunds/create",
    "customers/data_request",
    "customers/redact",
    "shop/redact",
];

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

/// Where a delivery stands.
// Named for the document: the types below carry it as text, so that a client
// survives a state it does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(rename_all = "lowercase"))]
pub enum DeliveryState {
    /// Acknowledged, not applied yet; possibly waiting for another attempt.
    Pending,
    /// Changed an order.
    Applied,
    /// Told nothing new.
    Unchanged,
    /// Older than what was stored.
    Discarded,
    /// Of a topic the desk does not act on.
    Ignored,
    /// Signed, but not an order.
    Rejected,
    /// Failed too often.
    Dead,
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
    #[cfg_attr(feature = "openapi", schema(value_type = DeliveryState))]
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

/// What `GET /deliveries` can be asked for; what is absent matches all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliveryQuery {
    /// Only this state, such as `dead`.
    pub state: Option<String>,
    /// Only this topic.
    pub topic: Option<String>,
    /// A webhook id, or the id of a delivery or an order.
    pub q: Option<String>,
    /// Deliveries a page, 1 to [`super::MAX_PAGE`].
    pub limit: Option<u64>,
    /// `nextCursor` of the page before: the id of its last delivery.
    pub cursor: Option<String>,
}

impl DeliveryQuery {
    /// The query string, without the leading `?`; empty when all are meant.
    pub fn to_query_string(&self) -> String {
        let limit = self.limit.map(|limit| limit.to_string());
        [
            ("state", &self.state),
            ("topic", &self.topic),
            ("q", &self.q),
            ("limit", &limit),
            ("cursor", &self.cursor),
        ]
        .into_iter()
        .filter_map(|(name, text)| Some(format!("{name}={}", escape(text.as_ref()?))))
        .collect::<Vec<_>>()
        .join("&")
    }

    /// The same deliveries as a retry names them: of any state, on any page.
    pub fn filter(&self) -> DeliveryFilter {
        DeliveryFilter {
            topic: self.topic.clone(),
            shop: None,
            q: self.q.clone(),
        }
    }
}

/// The inbox at a glance: `GET /deliveries/stats`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct DeliveryStats {
    /// Deliveries still to be dealt with. Counted up to 10,000, which then
    /// means "10,000 or more".
    pub pending: u64,
    /// Deliveries that failed too often. Counted up to 10,000, which then
    /// means "10,000 or more".
    pub dead: u64,
    /// When the oldest pending one reached us.
    pub oldest_pending_at: Option<DateTime<Utc>>,
}

impl DeliveryStats {
    /// Counted up to here: a count this high means "or more".
    pub const MAX_COUNT: u64 = 10_000;
}

/// Which deliveries are meant; what is absent matches all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeliveryFilter {
    /// The channel's topic.
    #[serde(default)]
    #[cfg_attr(
        feature = "openapi",
        schema(max_length = 255, pattern = "^[^\\x00-\\x1f\\x7f-\\x9f]*$")
    )]
    pub topic: Option<String>,
    /// The shop's domain.
    #[serde(default)]
    #[cfg_attr(
        feature = "openapi",
        schema(max_length = 255, pattern = "^[^\\x00-\\x1f\\x7f-\\x9f]*$")
    )]
    pub shop: Option<String>,
    /// A webhook id, or the id of a delivery or an order.
    #[serde(default)]
    #[cfg_attr(
        feature = "openapi",
        schema(max_length = 255, pattern = "^[^\\x00-\\x1f\\x7f-\\x9f]*$")
    )]
    pub q: Option<String>,
}

/// Body of `POST /deliveries/retry`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RetryRequest {
    /// Which dead deliveries to retry; `{}` is all of them.
    #[serde(deserialize_with = "super::object::fields")]
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_names_only_what_narrows_it() {
        assert_eq!(DeliveryQuery::default().to_query_string(), "");
        let query = DeliveryQuery {
            state: Some("dead".into()),
            topic: Some("orders/create".into()),
            q: Some("a b".into()),
            limit: Some(200),
            cursor: None,
        };
        assert_eq!(
            query.to_query_string(),
            "state=dead&topic=orders%2Fcreate&q=a%20b&limit=200"
        );
    }
}
