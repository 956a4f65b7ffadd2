//! What a webhook does to an order. `docs/ORDERS.md` states these rules for
//! people.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::fees::ShippingTiers;
use crate::money;
use crate::order::{ChannelClock, ChannelFields, OrderState, ShopifyOrderId};
use crate::payload::OrderPatch;
use crate::status::OrderStatus;

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
            digest: digest(self.patch),
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
            deleted_at: None,
            redacted_at: None,
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
        // A placeholder knows nothing worth keeping.
        let known = (current.clock != ChannelClock::NEVER).then_some(&current.channel);
        next.channel = self.merge(known);
        next.clock = self.clock();
        if current.deleted_at.is_some() {
            next.channel.status = OrderStatus::Cancelled;
        }
        if current.redacted_at.is_some() {
            next.channel.customer = None;
        }
        // The desk's status follows only when the channel itself moved;
        // otherwise a person's choice stands.
        if next.channel.status != current.channel.status {
            next.set_status(next.channel.status, self.delivered_at());
        }
        finish(next, current, self.now)
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
                .unwrap_or_else(|| default_name(patch.shopify_order_id)),
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

/// Marks an order as deleted by its shop. It stays visible, cancelled, and
/// nothing that still arrives revives it; an order nobody has heard of yet
/// becomes a placeholder that a late `orders/create` fills in.
pub fn delete(
    current: Option<&OrderState>,
    shop: &str,
    shopify_order_id: ShopifyOrderId,
    deleted_at: DateTime<Utc>,
    new_id: Uuid,
    now: DateTime<Utc>,
) -> ChannelOutcome {
    let Some(current) = current else {
        return ChannelOutcome::Changed(Box::new(OrderState {
            id: new_id,
            shop: shop.to_owned(),
            shopify_order_id,
            channel: ChannelFields {
                name: default_name(shopify_order_id),
                financial_status: None,
                fulfillment_status: None,
                customer: None,
                currency: money::NO_CURRENCY.to_owned(),
                total_minor: 0,
                shipping_fee_minor: 0,
                item_count: 0,
                placed_at: deleted_at,
                status: OrderStatus::Cancelled,
            },
            status: OrderStatus::Cancelled,
            tracking_number: None,
            notes: None,
            delivered_at: None,
            deleted_at: Some(deleted_at),
            redacted_at: None,
            version: 1,
            clock: ChannelClock::NEVER,
            created_at: now,
            updated_at: now,
        }));
    };
    let mut next = current.clone();
    // Told twice, the earlier time is the true one, whichever came first.
    let earlier = current
        .deleted_at
        .map_or(deleted_at, |known| known.min(deleted_at));
    next.deleted_at = Some(earlier);
    if current.clock == ChannelClock::NEVER {
        next.channel.placed_at = earlier;
    }
    next.channel.status = OrderStatus::Cancelled;
    if current.deleted_at.is_none() {
        next.set_status(OrderStatus::Cancelled, deleted_at);
    }
    finish(next, current, now)
}

/// Erases a customer's personal data from an order: who they are, and the
/// free-text notes, which may say.
pub fn redact(current: &OrderState, now: DateTime<Utc>) -> ChannelOutcome {
    let mut next = current.clone();
    next.channel.customer = None;
    next.notes = None;
    next.redacted_at = Some(current.redacted_at.unwrap_or(now));
    finish(next, current, now)
}

/// One version more if anything changed.
fn finish(mut next: OrderState, current: &OrderState, now: DateTime<Utc>) -> ChannelOutcome {
    if next.changes_since(Some(current)).is_empty() {
        return ChannelOutcome::Unchanged(Box::new(next));
    }
    next.version += 1;
    next.updated_at = now;
    ChannelOutcome::Changed(Box::new(next))
}

fn default_name(id: ShopifyOrderId) -> String {
    format!("#{id}")
}

/// The same content always has the same digest, on every instance.
fn digest(patch: &OrderPatch) -> i64 {
    let content = (
        (
            &patch.name,
            &patch.financial_status,
            &patch.fulfillment_status,
        ),
        (
            &patch.customer,
            &patch.currency,
            patch.total,
            patch.item_count,
        ),
        (patch.placed_at, patch.delivered_at, patch.status),
    );
    let hash = Sha256::digest(format!("{content:?}"));
    hash.first_chunk()
        .map_or(0, |bytes| i64::from_be_bytes(*bytes))
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
mod tests;
