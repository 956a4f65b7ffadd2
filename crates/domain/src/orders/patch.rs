//! What a channel says about an order, whichever channel it is.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::channels::account::ExternalOrderId;
use crate::orders::order::Customer;

/// What one message says about an order. `None` means that it does not mention the
/// field: the stored value stands. A doubled `Option` can also say that there is no
/// value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderPatch {
    /// The channel's id of the order.
    pub external_id: ExternalOrderId,
    /// When the channel last changed the order.
    pub updated_at: DateTime<Utc>,
    /// The order's name at the channel, such as `#1001`.
    pub name: Option<String>,
    /// The channel's word for how far the order is paid.
    pub financial_status: Option<Option<String>>,
    /// The channel's word for how far the order is shipped.
    pub fulfillment_status: Option<Option<String>>,
    /// Who bought.
    pub customer: Option<Option<Customer>>,
    /// ISO 4217 code.
    pub currency: Option<String>,
    /// Total, in major units of the currency.
    pub total: Option<Decimal>,
    /// Units ordered over all line items.
    pub item_count: Option<i64>,
    /// When the order was placed.
    pub placed_at: Option<DateTime<Utc>>,
    /// When the last shipment was delivered, once all are.
    pub delivered_at: Option<DateTime<Utc>>,
    /// Whether the order is cancelled.
    pub cancelled: Option<bool>,
    /// Whether every shipment is delivered.
    pub all_delivered: Option<bool>,
    /// Fields that were present but could not be read, by name: never values,
    /// which may be personal data.
    pub problems: Vec<&'static str>,
}
