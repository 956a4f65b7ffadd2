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

/// An order in the form that clients receive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Order {
    /// The order's id in this system.
    pub id: Uuid,
    /// Shopify's id, as a string: it may exceed 2^53.
    // Orders of other channels will have none. Until there are any, the `OpenAPI` document
    // shows it as required.
    #[cfg_attr(feature = "openapi", schema(value_type = String, pattern = "^[1-9][0-9]*$"))]
    pub shopify_order_id: Option<ShopifyOrderId>,
    /// Name in the shop, such as `#1001`.
    pub name: String,
    /// The shop's domain.
    pub shop: String,
    /// The order's status.
    pub status: OrderStatus,
    /// Shopify's `financial_status`.
    pub financial_status: Option<String>,
    /// Shopify's `fulfillment_status`; `null` is unfulfilled.
    pub fulfillment_status: Option<String>,
    /// The customer; `null` when Shopify redacted it.
    pub customer: Option<Customer>,
    /// ISO 4217 code.
    pub currency: String,
    /// Exact decimal in major units.
    pub total: String,
    /// Exact decimal in major units.
    pub shipping_fee: String,
    /// The sum of the quantities of all line items.
    pub item_count: i64,
    /// Carrier's tracking number.
    pub tracking_number: Option<String>,
    /// Free text.
    pub notes: Option<String>,
    /// Increases by one with every change.
    pub version: i64,
    /// When the order was placed.
    pub placed_at: DateTime<Utc>,
    /// When Shopify last changed it.
    pub last_external_updated_at: DateTime<Utc>,
    /// When the shop deleted it; it stays visible as cancelled.
    #[serde(default)]
    pub deleted_at: Option<DateTime<Utc>>,
    /// When it was first stored.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
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
    /// The orders, sorted as requested.
    pub data: Vec<Order>,
    /// Pass as `cursor` to get the next page.
    pub next_cursor: Option<String>,
    /// Whether there is a next page.
    pub has_more: bool,
    /// The number of orders that match the filter, over all pages.
    pub total: u64,
    /// Whether `total` is an estimate.
    pub total_is_estimate: bool,
    /// The snapshot of this page. Pass it as `upTo`, with an `offset`, to read further pages
    /// that are not shifted by later orders.
    #[serde(default)]
    pub up_to: Uuid,
}

/// Body of `PUT /orders/{id}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdateOrder {
    /// The version the edit was made on; may be in the `If-Match` header instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
    /// The fields to change.
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
    /// The version of the order after this change.
    pub version: i64,
    /// The author of the change: `shopify`, or a person.
    pub actor: String,
    /// The delivery with the change, if the channel made it.
    pub delivery_id: Option<Uuid>,
    /// The changed fields.
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
    /// Pass as `cursor` to get older entries.
    pub next_cursor: Option<String>,
    /// Whether there are older entries.
    pub has_more: bool,
}

/// Answer of `GET /orders/changes`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct OrderChanges {
    /// The orders that changed, each once, in their current state.
    pub data: Vec<Order>,
    /// Pass as `since` in the next request.
    pub cursor: String,
    /// Whether there are more changes, which the next request returns.
    pub has_more: bool,
}
