//! The JSON that crosses the wire: camelCase, ids and money as strings,
//! times in RFC 3339 UTC.

use std::collections::BTreeMap;
use std::fmt::Write;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::edit::{FieldError, OrderEdit};
use crate::money;
use crate::order::{Customer, FieldChange, OrderState, ShopifyOrderId};
use crate::status::OrderStatus;

/// Orders on one page of `GET /orders` unless the request says otherwise.
pub const DEFAULT_PAGE: u64 = 50;

/// The most orders one page may hold.
pub const MAX_PAGE: u64 = 200;

/// An order, as clients see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Order {
    /// Our id.
    pub id: Uuid,
    /// Shopify's id, as a string: it may exceed 2^53.
    #[cfg_attr(feature = "openapi", schema(value_type = String, pattern = "^[1-9][0-9]*$"))]
    pub shopify_order_id: ShopifyOrderId,
    /// Name in the shop, such as `#1001`.
    pub name: String,
    /// The shop's domain.
    pub shop: String,
    /// Where the order stands on the desk.
    pub status: OrderStatus,
    /// Shopify's `financial_status`.
    pub financial_status: Option<String>,
    /// Shopify's `fulfillment_status`; `null` is unfulfilled.
    pub fulfillment_status: Option<String>,
    /// Who bought; `null` when Shopify redacted it.
    pub customer: Option<Customer>,
    /// ISO 4217 code.
    pub currency: String,
    /// Exact decimal in major units.
    pub total: String,
    /// Exact decimal in major units.
    pub shipping_fee: String,
    /// Units ordered.
    pub item_count: i64,
    /// Carrier's tracking number.
    pub tracking_number: Option<String>,
    /// Free text.
    pub notes: Option<String>,
    /// Grows by one with every change.
    pub version: i64,
    /// When the order was placed.
    pub placed_at: DateTime<Utc>,
    /// When Shopify last changed it.
    pub last_external_updated_at: DateTime<Utc>,
    /// When the shop deleted it; it stays visible, cancelled.
    #[serde(default)]
    pub deleted_at: Option<DateTime<Utc>>,
    /// First stored.
    pub created_at: DateTime<Utc>,
    /// Last changed.
    pub updated_at: DateTime<Utc>,
}

impl From<&OrderState> for Order {
    fn from(state: &OrderState) -> Self {
        let channel = &state.channel;
        Self {
            id: state.id,
            shopify_order_id: state.shopify_order_id,
            name: channel.name.clone(),
            shop: state.shop.clone(),
            status: state.status,
            financial_status: channel.financial_status.clone(),
            fulfillment_status: channel.fulfillment_status.clone(),
            customer: channel.customer.clone(),
            currency: channel.currency.clone(),
            total: money::format(channel.total_minor, &channel.currency),
            shipping_fee: money::format(channel.shipping_fee_minor, &channel.currency),
            item_count: channel.item_count,
            tracking_number: state.tracking_number.clone(),
            notes: state.notes.clone(),
            version: state.version,
            placed_at: channel.placed_at,
            last_external_updated_at: state.clock.updated_at,
            deleted_at: state.deleted_at,
            created_at: state.created_at,
            updated_at: state.updated_at,
        }
    }
}

/// One page of `GET /orders`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct OrderPage {
    /// The orders, in the order asked for.
    pub data: Vec<Order>,
    /// Pass as `cursor` to get the next page.
    pub next_cursor: Option<String>,
    /// There is a next page.
    pub has_more: bool,
    /// Orders matching the filter, over all pages.
    pub total: u64,
    /// `total` is an estimate.
    pub total_is_estimate: bool,
}

/// What `GET /orders` can be asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrderQuery {
    /// Words an order must have: name, Shopify id, customer, tracking number;
    /// the last letters of each may be missing.
    pub q: Option<String>,
    /// Only this shop.
    pub shop: Option<String>,
    /// Placed at or after.
    pub placed_from: Option<DateTime<Utc>>,
    /// Placed before.
    pub placed_to: Option<DateTime<Utc>>,
    /// Orders a page, 1 to [`MAX_PAGE`].
    pub limit: Option<u64>,
    /// `nextCursor` of the page before.
    pub cursor: Option<String>,
    /// Only these statuses; empty means all.
    pub status: Vec<OrderStatus>,
    /// The order of the rows.
    pub sort: OrderSort,
}

impl OrderQuery {
    /// The query string, without the leading `?`.
    pub fn to_query_string(&self) -> String {
        let mut parts = vec![format!("sort={}", self.sort.as_str())];
        if let Some(limit) = self.limit {
            parts.push(format!("limit={limit}"));
        }
        if !self.status.is_empty() {
            let names: Vec<_> = self.status.iter().map(|s| s.as_str()).collect();
            parts.push(format!("status={}", names.join(",")));
        }
        // Cursors are URL-safe base64: nothing to escape.
        if let Some(cursor) = &self.cursor {
            parts.push(format!("cursor={cursor}"));
        }
        for (name, text) in [("q", &self.q), ("shop", &self.shop)] {
            if let Some(text) = text {
                parts.push(format!("{name}={}", escape(text)));
            }
        }
        for (name, time) in [
            ("placedFrom", self.placed_from),
            ("placedTo", self.placed_to),
        ] {
            if let Some(time) = time {
                parts.push(format!("{name}={}", escape(&time.to_rfc3339())));
            }
        }
        parts.join("&")
    }
}

/// Percent-encodes all but letters and digits.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

/// How `GET /orders` can be sorted; a leading `-` is newest first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum OrderSort {
    /// `-placedAt`: newest orders first.
    #[default]
    PlacedDescending,
    /// `placedAt`
    PlacedAscending,
    /// `-updatedAt`: latest changes first.
    UpdatedDescending,
    /// `updatedAt`
    UpdatedAscending,
    /// `-total`: by amount, whatever the currency
    TotalDescending,
    /// `total`
    TotalAscending,
    /// `-name`
    NameDescending,
    /// `name`
    NameAscending,
}

impl OrderSort {
    /// Every sort on offer.
    pub const ALL: [Self; 8] = [
        Self::PlacedDescending,
        Self::PlacedAscending,
        Self::UpdatedDescending,
        Self::UpdatedAscending,
        Self::TotalDescending,
        Self::TotalAscending,
        Self::NameDescending,
        Self::NameAscending,
    ];

    /// The wire spelling.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PlacedDescending => "-placedAt",
            Self::PlacedAscending => "placedAt",
            Self::UpdatedDescending => "-updatedAt",
            Self::UpdatedAscending => "updatedAt",
            Self::TotalDescending => "-total",
            Self::TotalAscending => "total",
            Self::NameDescending => "-name",
            Self::NameAscending => "name",
        }
    }

    /// The sort of a query parameter.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.as_str() == text)
    }

    /// Largest values first.
    pub const fn is_descending(self) -> bool {
        matches!(
            self,
            Self::PlacedDescending
                | Self::UpdatedDescending
                | Self::TotalDescending
                | Self::NameDescending
        )
    }
}

/// Body of `PUT /orders/{id}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct UpdateOrder {
    /// The version the edit was made on; the `If-Match` header may say it instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
    /// What to change.
    #[serde(flatten)]
    pub edit: OrderEdit,
    /// `false`: any change since `version` is a conflict, whatever its field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merge: Option<bool>,
}

/// One entry of `GET /orders/{id}/events`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct OrderEvent {
    /// The version this change made.
    pub version: i64,
    /// Who did it: `shopify`, or a person.
    pub actor: String,
    /// The delivery it came from, for the channel's changes.
    pub delivery_id: Option<Uuid>,
    /// Field by field.
    pub changes: Vec<FieldChange>,
    /// When it was applied.
    pub at: DateTime<Utc>,
}

/// One page of `GET /orders/{id}/events`, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct OrderEventPage {
    /// The entries.
    pub data: Vec<OrderEvent>,
    /// Pass as `cursor` to get older ones.
    pub next_cursor: Option<String>,
    /// There are older ones.
    pub has_more: bool,
}

/// Answer of `GET /orders/changes`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct OrderChanges {
    /// Orders that changed, each once, as they are now.
    pub data: Vec<Order>,
    /// Pass as `since` next time.
    pub cursor: String,
    /// Ask again at once.
    pub has_more: bool,
}

/// A field two people (or a person and the channel) set differently.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Conflict {
    /// Wire name.
    pub field: String,
    /// What the rejected edit wanted.
    pub yours: Value,
    /// What is stored.
    pub current: Value,
    /// Who stored it, where history tells.
    pub changed_by: Option<String>,
    /// When.
    pub changed_at: Option<DateTime<Utc>>,
}

/// Key figures of `GET /orders/stats`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct OrderStats {
    /// All orders ever seen.
    pub total_orders: u64,
    /// Orders placed in the last 24 hours.
    pub placed_last_24h: u64,
    /// Orders by status; every status is present.
    pub by_status: BTreeMap<OrderStatus, u64>,
    /// Orders on their way.
    pub active_shipments: u64,
    /// Totals of confirmed, shipped and delivered orders, largest first.
    pub revenue: Vec<Revenue>,
    /// Mean time from placed to delivered, in seconds; `null` before the first.
    pub average_delivery_seconds: Option<i64>,
}

/// Revenue in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Revenue {
    /// ISO 4217 code.
    pub currency: String,
    /// Exact decimal in major units.
    pub amount: String,
    /// Orders it sums over.
    pub orders: u64,
}

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

/// An error, as RFC 9457 `application/problem+json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// Stable identifier of the kind of error, such as `/problems/version-conflict`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What that kind is called.
    pub title: String,
    /// HTTP status code.
    pub status: u16,
    /// What went wrong this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The order as stored, on a version conflict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<Box<Order>>,
    /// The fields in conflict.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<Conflict>,
    /// The fields that were refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// The delivery a rejected webhook was recorded as.
    #[serde(
        default,
        rename = "deliveryId",
        skip_serializing_if = "Option::is_none"
    )]
    pub delivery_id: Option<Uuid>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;
    use serde_json::json;

    #[test]
    fn an_order_crosses_the_wire_under_its_contract_names() {
        let wire = serde_json::to_value(Order::from(&samples::order())).unwrap();
        assert_eq!(wire["shopifyOrderId"], "450789469");
        assert_eq!(wire["total"], "409.94");
        assert_eq!(wire["shippingFee"], "0.00");
        assert_eq!(wire["status"], "CONFIRMED");
        assert_eq!(wire["trackingNumber"], Value::Null);
        assert_eq!(wire["placedAt"], "2024-10-04T00:00:00Z");
        assert_eq!(wire.as_object().unwrap().len(), 20);
    }

    #[test]
    fn an_update_tells_absent_from_null() {
        let update: UpdateOrder =
            serde_json::from_value(json!({"version": 3, "notes": null})).unwrap();
        assert_eq!(update.version, Some(3));
        assert_eq!(update.edit.notes, Some(None));
        assert_eq!(update.edit.tracking_number, None);
        assert_eq!(
            serde_json::to_value(&update).unwrap(),
            json!({"version": 3, "notes": null})
        );
    }

    #[test]
    fn every_sort_is_read_back_from_its_own_spelling() {
        for sort in OrderSort::ALL {
            assert_eq!(OrderSort::parse(sort.as_str()), Some(sort));
        }
    }
}
