//! The deliveries of the inbox, and the answers to webhooks.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::query::escape;

/// The supported topics, for filters. They are defined in `channels::shopify::topic`.
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
    /// The outcome.
    pub status: WebhookStatus,
    /// The delivery as which it is recorded.
    pub delivery_id: Uuid,
}

/// The outcome of a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum WebhookStatus {
    /// Stored and to be processed.
    Accepted,
    /// Stored before under the same webhook id.
    Duplicate,
    /// Stored, but of a topic that is not supported.
    Ignored,
}

/// The state of a delivery.
// Only for the `OpenAPI` document. The types below have it as text, so that a client can
// read a state that it does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(rename_all = "lowercase"))]
pub enum DeliveryState {
    /// Acknowledged, not applied yet; possibly waiting for another attempt.
    Pending,
    /// Changed an order.
    Applied,
    /// Contained nothing that was not stored already.
    Unchanged,
    /// Older than the stored order.
    Discarded,
    /// Of a topic that is not supported.
    Ignored,
    /// Signed, but not a valid body of its topic.
    Rejected,
    /// Failed too often.
    Dead,
}

/// A delivery, without its payload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct DeliverySummary {
    /// The delivery's id in this system.
    pub id: Uuid,
    /// The channel, such as `shopify`.
    pub source: String,
    /// The shop's domain.
    pub shop: String,
    /// The channel's id; repeats have the same id.
    pub webhook_id: String,
    /// The channel's topic, as sent.
    pub topic: String,
    /// The time of the event at the channel, if the channel sent it.
    pub triggered_at: Option<DateTime<Utc>>,
    /// When the server received it.
    pub received_at: DateTime<Utc>,
    /// `pending`, `applied`, `unchanged`, `discarded`, `ignored`, `rejected` or
    /// `dead`.
    #[cfg_attr(feature = "openapi", schema(value_type = DeliveryState))]
    pub state: String,
    /// Failed attempts so far.
    pub attempts: i32,
    /// When a pending delivery is dispatched again.
    pub due_at: Option<DateTime<Utc>>,
    /// Why it failed or was not applied, or a note about its content.
    pub error: Option<String>,
    /// The order that it is about, when it is known.
    pub order_id: Option<Uuid>,
    /// When it reached its final state.
    pub finished_at: Option<DateTime<Utc>>,
}

/// A delivery with its payload: `GET /deliveries/{id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct DeliveryDetail {
    /// Everything but the payload.
    #[serde(flatten)]
    pub summary: DeliverySummary,
    /// The raw body, byte for byte as signed.
    pub payload: Option<String>,
    /// The raw body in base64, if it is not UTF-8 text.
    pub payload_base64: Option<String>,
    /// When the body was deleted, because of its age or for privacy.
    pub payload_pruned_at: Option<DateTime<Utc>>,
}

/// One page of `GET /deliveries`, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct DeliveryPage {
    /// The deliveries.
    pub data: Vec<DeliverySummary>,
    /// Pass as `cursor` to get older deliveries.
    pub next_cursor: Option<String>,
    /// Whether there are older deliveries.
    pub has_more: bool,
}

/// The query of `GET /deliveries`; an absent field matches all deliveries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliveryQuery {
    /// Only this state, such as `dead`.
    pub state: Option<String>,
    /// Only this topic.
    pub topic: Option<String>,
    /// A webhook id, or the id of a delivery or an order.
    pub q: Option<String>,
    /// Deliveries per page, 1 to [`super::MAX_PAGE`].
    pub limit: Option<u64>,
    /// `nextCursor` of the previous page: the id of its last delivery.
    pub cursor: Option<String>,
}

impl DeliveryQuery {
    /// The query string, without the leading `?`; empty for all deliveries.
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

    /// The filter of a retry for the same deliveries, without state and page.
    pub fn filter(&self) -> DeliveryFilter {
        DeliveryFilter {
            topic: self.topic.clone(),
            shop: None,
            q: self.q.clone(),
        }
    }
}

/// The statistics of the inbox: answer of `GET /deliveries/stats`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct DeliveryStats {
    /// Deliveries that are still to be processed. Counted up to 10,000, which means "10,000
    /// or more".
    pub pending: u64,
    /// Deliveries that failed too often. Counted up to 10,000, which means "10,000 or more".
    pub dead: u64,
    /// When the oldest pending delivery was received.
    pub oldest_pending_at: Option<DateTime<Utc>>,
}

impl DeliveryStats {
    /// The highest count; it means "this many or more".
    pub const MAX_COUNT: u64 = 10_000;
}

/// A filter for deliveries; an absent field matches all of them.
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
    /// The dead deliveries to retry; `{}` means all of them.
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
    fn a_query_string_contains_only_the_fields_that_are_set() {
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
