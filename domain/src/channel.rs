//! What a webhook does to an order.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::fees::ShippingTiers;
use crate::money;
use crate::order::{ChannelClock, ChannelFields, OrderState};
use crate::payload::OrderPatch;

/// A webhook's news, and what is needed to judge it.
#[derive(Debug, Clone, Copy)]
pub struct ChannelUpdate<'a> {
    /// The shop that sent it.
    pub shop: &'a str,
    /// What the payload says.
    pub patch: &'a OrderPatch,
    /// Header `X-Shopify-Triggered-At`, when it was sent.
    pub triggered_at: Option<DateTime<Utc>>,
    /// Fee tiers in force.
    pub tiers: &'a ShippingTiers,
    /// The time now.
    pub now: DateTime<Utc>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChannelOutcome {
    /// A new or changed order, its version one higher than before.
    Changed(Box<OrderState>),
    /// The content is already known. The state differs from the stored one in
    /// nothing but the channel clock, which must still move: otherwise an
    /// older delivery could later pass for news.
    Unchanged(Box<OrderState>),
    /// Older than what is stored: the order stays as it is.
    Stale,
}

impl ChannelUpdate<'_> {
    /// The key this news is ordered by.
    pub fn clock(&self) -> ChannelClock {
        ChannelClock {
            updated_at: self.patch.updated_at,
            triggered_at: self.triggered_at.unwrap_or(self.patch.updated_at),
        }
    }

    /// Judges the news against the stored order, if there is one. `new_id` is
    /// the id a new order gets.
    pub fn apply(&self, current: Option<&OrderState>, new_id: Uuid) -> ChannelOutcome {
        match current {
            None => ChannelOutcome::Changed(Box::new(self.create(new_id))),
            Some(current) if self.clock() < current.clock => ChannelOutcome::Stale,
            Some(current) => self.update(current),
        }
    }

    fn create(&self, id: Uuid) -> OrderState {
        let channel = self.merge(None);
        let mut order = OrderState {
            id,
            shop: self.shop.to_owned(),
            shopify_order_id: self.patch.shopify_order_id,
            status: channel.status,
            channel,
            tracking_number: None,
            notes: None,
            delivered_at: None,
            version: 1,
            clock: self.clock(),
            created_at: self.now,
            updated_at: self.now,
        };
        order.set_status(order.status, self.delivered_at());
        order
    }

    fn update(&self, current: &OrderState) -> ChannelOutcome {
        let mut next = current.clone();
        next.channel = self.merge(Some(&current.channel));
        next.clock = self.clock();
        // The desk's status follows only when the channel itself moved;
        // otherwise a person's choice stands.
        if next.channel.status != current.channel.status {
            next.set_status(next.channel.status, self.delivered_at());
        }
        if next.changes_since(Some(current)).is_empty() {
            return ChannelOutcome::Unchanged(Box::new(next));
        }
        next.version += 1;
        next.updated_at = self.now;
        ChannelOutcome::Changed(Box::new(next))
    }

    fn delivered_at(&self) -> DateTime<Utc> {
        self.patch.delivered_at.unwrap_or(self.patch.updated_at)
    }

    /// The channel's fields after this news: what it said, else what was known.
    fn merge(&self, known: Option<&ChannelFields>) -> ChannelFields {
        let patch = self.patch;
        let said = |text: &Option<String>, known: Option<&String>| text.as_ref().or(known).cloned();
        let currency = said(&patch.currency, known.map(|k| &k.currency))
            .unwrap_or_else(|| money::NO_CURRENCY.to_owned());
        let total_minor = patch
            .total
            .and_then(|total| money::to_minor(total, &currency).ok())
            .map(|total| total.units)
            .or(known.map(|k| k.total_minor))
            .unwrap_or(0);
        ChannelFields {
            name: said(&patch.name, known.map(|k| &k.name))
                .unwrap_or_else(|| format!("#{}", patch.shopify_order_id)),
            financial_status: patch
                .financial_status
                .clone()
                .unwrap_or_else(|| known.and_then(|k| k.financial_status.clone())),
            fulfillment_status: patch
                .fulfillment_status
                .clone()
                .unwrap_or_else(|| known.and_then(|k| k.fulfillment_status.clone())),
            customer: patch
                .customer
                .clone()
                .unwrap_or_else(|| known.and_then(|k| k.customer.clone())),
            shipping_fee_minor: self.tiers.fee(total_minor, &currency),
            total_minor,
            currency,
            item_count: patch
                .item_count
                .or(known.map(|k| k.item_count))
                .unwrap_or(0),
            placed_at: patch
                .placed_at
                .or(known.map(|k| k.placed_at))
                .unwrap_or(patch.updated_at),
            status: patch.status,
        }
    }
}

/// Names what in a payload could not be taken at face value, for the log and
/// the delivery's note: field names only.
pub fn problems(patch: &OrderPatch) -> Vec<&'static str> {
    let mut problems = patch.problems.clone();
    let currency = patch.currency.as_deref().unwrap_or(money::NO_CURRENCY);
    if let Some(total) = patch.total
        && !money::to_minor(total, currency).is_ok_and(|total| !total.rounded)
    {
        problems.push("total_price");
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload;
    use crate::samples::{self, at};
    use crate::status::OrderStatus;
    use serde_json::{Value, json};

    fn apply(current: Option<&OrderState>, payload: &Value) -> ChannelOutcome {
        let patch = payload::parse(payload.to_string().as_bytes()).unwrap();
        ChannelUpdate {
            shop: "acme.myshopify.com",
            patch: &patch,
            triggered_at: None,
            tiers: &ShippingTiers::default(),
            now: at(500),
        }
        .apply(current, Uuid::from_u128(9))
    }

    fn changed(current: Option<&OrderState>, payload: &Value) -> OrderState {
        match apply(current, payload) {
            ChannelOutcome::Changed(order) => *order,
            other => panic!("expected a change, got {other:?}"),
        }
    }

    /// The payload that [`samples::order`] came from, at `seconds`.
    fn same_content(seconds: i64) -> Value {
        json!({
            "id": 450_789_469, "updated_at": at(seconds), "created_at": at(0), "name": "#1001",
            "financial_status": "paid", "fulfillment_status": null, "currency": "USD",
            "total_price": "409.94", "line_items": [{"quantity": 3}],
            "customer": {"first_name": "Ada", "last_name": "Byron", "email": "ada@example.com"}
        })
    }

    #[test]
    fn a_new_order_starts_at_version_one_with_its_fee() {
        let order = changed(
            None,
            &json!({"id": 7, "updated_at": at(0), "currency": "USD", "total_price": "42.00"}),
        );
        assert_eq!((order.version, order.channel.name.as_str()), (1, "#7"));
        assert_eq!(order.channel.total_minor, 4_200);
        assert_eq!(order.channel.shipping_fee_minor, 999);
    }

    #[test]
    fn news_older_than_what_is_stored_is_stale() {
        assert_eq!(
            apply(Some(&samples::order()), &same_content(-1)),
            ChannelOutcome::Stale
        );
    }

    #[test]
    fn the_same_content_moves_the_clock_but_not_the_version() {
        let ChannelOutcome::Unchanged(next) = apply(Some(&samples::order()), &same_content(60))
        else {
            panic!("expected no change");
        };
        assert_eq!(next.version, 1);
        assert_eq!(next.clock.updated_at, at(60));
    }

    #[test]
    fn a_change_is_exactly_one_version() {
        let mut payload = same_content(60);
        payload["fulfillment_status"] = json!("fulfilled");
        let order = changed(Some(&samples::order()), &payload);
        assert_eq!(order.version, 2);
        assert_eq!(order.status, OrderStatus::Shipped);
    }

    #[test]
    fn a_persons_status_stands_until_the_channel_itself_moves() {
        let mut current = samples::order();
        current.status = OrderStatus::Shipped;
        let mut payload = same_content(60);
        payload["total_price"] = json!("500.00");
        let next = changed(Some(&current), &payload);
        assert_eq!(next.status, OrderStatus::Shipped);

        payload["cancelled_at"] = json!(at(61));
        payload["updated_at"] = json!(at(61));
        assert_eq!(
            changed(Some(&next), &payload).status,
            OrderStatus::Cancelled
        );
    }

    #[test]
    fn a_person_owned_field_is_never_touched() {
        let mut current = samples::order();
        current.tracking_number = Some("1Z999".into());
        current.notes = Some("call first".into());
        let mut payload = same_content(60);
        payload["note"] = json!("from shopify");
        payload["fulfillments"] = json!([{"tracking_number": "OTHER"}]);
        payload["fulfillment_status"] = json!("fulfilled");
        let next = changed(Some(&current), &payload);
        assert_eq!(next.tracking_number.as_deref(), Some("1Z999"));
        assert_eq!(next.notes.as_deref(), Some("call first"));
    }

    #[test]
    fn what_a_payload_does_not_say_stays_known() {
        let next = changed(
            Some(&samples::order()),
            &json!({"id": 450_789_469, "updated_at": at(60), "financial_status": "paid", "name": "#1001-B"}),
        );
        assert_eq!(next.channel.total_minor, 40_994);
        assert_eq!(next.channel.currency, "USD");
        assert!(next.channel.customer.is_some());
    }

    #[test]
    fn a_delivery_is_dated_by_its_shipment() {
        let mut payload = same_content(60);
        payload["fulfillment_status"] = json!("fulfilled");
        payload["fulfillments"] = json!([{"shipment_status": "delivered", "updated_at": at(50)}]);
        let next = changed(Some(&samples::order()), &payload);
        assert_eq!(next.status, OrderStatus::Delivered);
        assert_eq!(next.delivered_at, Some(at(50)));
    }

    #[test]
    fn an_amount_with_too_many_digits_is_taken_and_named() {
        let patch = payload::parse(
            json!({"id": 1, "updated_at": at(0), "currency": "JPY", "total_price": "10.5"})
                .to_string()
                .as_bytes(),
        )
        .unwrap();
        assert_eq!(problems(&patch), ["total_price"]);
    }
}
