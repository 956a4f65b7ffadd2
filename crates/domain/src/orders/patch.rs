//! The content of a message about an order, in the same form for every channel.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::channels::account::ExternalOrderId;
use crate::orders::order::Customer;

/// The content of a message about an order. `None` means that the message does not contain
/// the field, so the stored value is kept. In a nested `Option`, `Some(None)` means that the
/// message clears the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderPatch {
    /// The channel's id of the order.
    pub external_id: ExternalOrderId,
    /// When the channel last changed the order.
    pub updated_at: DateTime<Utc>,
    /// The order's name at the channel, such as `#1001`.
    pub name: Option<String>,
    /// The channel's payment status.
    pub financial_status: Option<Option<String>>,
    /// The channel's fulfilment status.
    pub fulfillment_status: Option<Option<String>>,
    /// The customer.
    pub customer: Option<Option<Customer>>,
    /// ISO 4217 code.
    pub currency: Option<String>,
    /// Total, in major units of the currency.
    pub total: Option<Decimal>,
    /// The sum of the quantities of all line items.
    pub item_count: Option<i64>,
    /// When the order was placed.
    pub placed_at: Option<DateTime<Utc>>,
    /// When the last shipment was delivered, if all shipments are delivered.
    pub delivered_at: Option<DateTime<Utc>>,
    /// Whether the order is cancelled.
    pub cancelled: Option<bool>,
    /// Whether every shipment is delivered.
    pub all_delivered: Option<bool>,
    /// The names of fields that were present but could not be read. Never their values,
    /// which may be personal data.
    pub problems: Vec<&'static str>,
}
