//! The stored state of an order, and the differences between two states, which become its
//! history.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::channels::account::OrderKey;
use crate::money;
use crate::orders::status::OrderStatus;

/// The customer. Either field may be missing, because Shopify redacts personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Customer {
    /// Full name.
    pub name: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
}

/// The time of a channel's message about an order. Shopify does not guarantee that
/// webhooks arrive in order, so a message with a smaller clock than the stored one is
/// stale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChannelClock {
    /// The payload's `updated_at`.
    pub updated_at: DateTime<Utc>,
    /// Header `X-Shopify-Triggered-At`, or `updated_at` when it is missing.
    pub triggered_at: DateTime<Utc>,
    /// A digest of the content. It puts two different payloads with the same times in an
    /// order that does not depend on which of them arrived first.
    pub digest: i64,
}

impl ChannelClock {
    /// Before any message: the clock of an order of which only the deletion is known.
    pub const NEVER: Self = Self {
        updated_at: DateTime::UNIX_EPOCH,
        triggered_at: DateTime::UNIX_EPOCH,
        digest: i64::MIN,
    };
}

/// The fields that the channel owns; people cannot change them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelFields {
    /// The order's name in the shop, such as `#1001`.
    pub name: String,
    /// `financial_status`, as sent.
    pub financial_status: Option<String>,
    /// `fulfillment_status`, as sent; `None` is Shopify's "unfulfilled".
    pub fulfillment_status: Option<String>,
    /// The customer.
    pub customer: Option<Customer>,
    /// ISO 4217 code.
    pub currency: String,
    /// Order total in minor units of `currency`.
    pub total_minor: i64,
    /// Shipping fee in minor units of `currency`.
    pub shipping_fee_minor: i64,
    /// The sum of the quantities of all line items.
    pub item_count: i64,
    /// When the order was placed.
    pub placed_at: DateTime<Utc>,
    /// The status last mapped from the channel's statuses. It is stored beside the order's
    /// own status, so that a webhook changes that only when the channel's has changed.
    pub status: OrderStatus,
}

/// An order as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderState {
    /// The id of the order in this system (`UUIDv7`).
    pub id: Uuid,
    /// What identifies it to its channel.
    pub key: OrderKey,
    /// The channel's id of the purchase that this order is one part of, for channels
    /// that split a purchase into several orders.
    pub group_id: Option<String>,
    /// The fields that only webhooks change.
    pub channel: ChannelFields,
    /// The order's status, which both people and the channel change.
    pub status: OrderStatus,
    /// Carrier's tracking number, entered by a person.
    pub tracking_number: Option<String>,
    /// Free text, entered by a person.
    pub notes: Option<String>,
    /// When the order became `DELIVERED`; `None` in any other status.
    pub delivered_at: Option<DateTime<Utc>>,
    /// When the shop deleted the order; it stays visible, cancelled.
    pub deleted_at: Option<DateTime<Utc>>,
    /// When the customer's personal data was erased on request; later messages of the
    /// channel cannot restore it.
    pub redacted_at: Option<DateTime<Utc>>,
    /// Increases by exactly one with every applied change, starting at 1.
    pub version: i64,
    /// The clock of the newest message that was applied.
    pub clock: ChannelClock,
    /// When the order was first stored.
    pub created_at: DateTime<Utc>,
    /// When the order was last changed.
    pub updated_at: DateTime<Utc>,
}

/// One field of an order before and after, under its wire name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldChange {
    /// Wire name, such as `trackingNumber`.
    pub field: String,
    /// Value before; `null` when there was none.
    pub from: Value,
    /// Value after; `null` when cleared.
    pub to: Value,
}

impl OrderState {
    /// The fields that the history records, under their wire names.
    pub fn history_fields(&self) -> [(&'static str, Value); 16] {
        let channel = &self.channel;
        let amount = |minor| money::format(minor, &channel.currency);
        [
            ("status", json!(self.status)),
            ("trackingNumber", json!(self.tracking_number)),
            ("notes", json!(self.notes)),
            ("name", json!(channel.name)),
            ("channelStatus", json!(channel.status)),
            ("financialStatus", json!(channel.financial_status)),
            ("fulfillmentStatus", json!(channel.fulfillment_status)),
            ("customer", json!(channel.customer)),
            ("currency", json!(channel.currency)),
            ("total", json!(amount(channel.total_minor))),
            ("shippingFee", json!(amount(channel.shipping_fee_minor))),
            ("itemCount", json!(channel.item_count)),
            ("placedAt", json!(channel.placed_at)),
            ("deliveredAt", json!(self.delivered_at)),
            ("deletedAt", json!(self.deleted_at)),
            ("redactedAt", json!(self.redacted_at)),
        ]
    }

    /// The fields that differ between `before` and `self`. For a new order `before` is
    /// `None`, and every field that has a value differs.
    pub fn changes_since(&self, before: Option<&Self>) -> Vec<FieldChange> {
        let old = before.map(Self::history_fields);
        self.history_fields()
            .into_iter()
            .enumerate()
            .filter_map(|(index, (field, to))| {
                let from = old.as_ref().map_or(Value::Null, |old| old[index].1.clone());
                (from != to).then(|| FieldChange {
                    field: field.to_owned(),
                    from,
                    to,
                })
            })
            .collect()
    }

    /// Sets the status, and `delivered_at` accordingly.
    pub(crate) fn set_status(&mut self, status: OrderStatus, delivered_at: DateTime<Utc>) {
        self.status = status;
        self.delivered_at = match status {
            OrderStatus::Delivered => Some(self.delivered_at.unwrap_or(delivered_at)),
            _ => None,
        };
    }
}

#[cfg(test)]
mod tests {
    use crate::orders::samples;

    #[test]
    fn a_new_order_changes_every_field_that_has_a_value() {
        let order = samples::order();
        let changes = order.changes_since(None);
        assert!(changes.iter().all(|c| c.from.is_null() && !c.to.is_null()));
        assert!(
            changes
                .iter()
                .any(|c| c.field == "total" && c.to == "409.94")
        );
    }

    #[test]
    fn only_what_differs_is_a_change() {
        let before = samples::order();
        let mut after = before.clone();
        after.notes = Some("gift".into());
        after.version += 1;
        let changes = after.changes_since(Some(&before));
        assert_eq!(changes.len(), 1);
        assert_eq!(changes[0].field, "notes");
    }
}
