//! Orders, their history, and edits of them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::shopify_id::ShopifyOrderId;
use crate::channels::account::Channel;
use crate::money;
use crate::orders::edit::OrderEdit;
use crate::orders::order::{Customer, FieldChange, OrderState};
use crate::orders::status::OrderStatus;

/// An order, as clients see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Order {
    /// Our id.
    pub id: Uuid,
    /// Shopify's id, as a string: it may exceed 2^53.
    // Orders of other channels will have none; until there are any, the document need
    // not say so.
    #[cfg_attr(feature = "openapi", schema(value_type = String, pattern = "^[1-9][0-9]*$"))]
    pub shopify_order_id: Option<ShopifyOrderId>,
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
            shopify_order_id: match state.key.account.channel {
                Channel::Shopify => state.key.external_id.as_str().parse().ok(),
            },
            name: channel.name.clone(),
            shop: state.key.account.name.clone(),
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
    /// The snapshot this page is of: pass it as `upTo`, with an `offset`, to
    /// read on without being shifted by orders that came later.
    #[serde(default)]
    pub up_to: Uuid,
}

/// Body of `PUT /orders/{id}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
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
