//! The rules by which a channel's message changes an order. `docs/ORDERS.md` explains
//! them; `crates/channels/tests` checks them with Shopify's payloads.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::channels::account::{ChannelAccount, ExternalOrderId, OrderKey};
use crate::channels::data_subject::DataSubject;
use crate::money;
use crate::orders::fees::ShippingTiers;
use crate::orders::order::{ChannelClock, ChannelFields, OrderState};
use crate::orders::patch::OrderPatch;
use crate::orders::status::{OrderStatus, StatusMap, StatusSignals};

/// A message about an order, with the values that are needed to apply it.
#[derive(Debug, Clone, Copy)]
pub struct ChannelUpdate<'a> {
    /// The account it came from.
    pub account: &'a ChannelAccount,
    /// The content of the message.
    pub patch: &'a OrderPatch,
    /// Maps the channel's statuses onto the status of an order.
    pub status_map: StatusMap,
    /// The time of the event at the channel, such as in the header
    /// `X-Shopify-Triggered-At`.
    pub triggered_at: Option<DateTime<Utc>>,
    /// The fee tiers for shipping.
    pub tiers: &'a ShippingTiers,
    /// The current time.
    pub now: DateTime<Utc>,
}

/// The outcome of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChannelOutcome {
    /// A new or changed order, its version one higher than before.
    Changed(Box<OrderState>),
    /// The content is stored already. The state differs from the stored one only in the
    /// channel clock, which must be stored too: otherwise a message between the two would
    /// not be recognised as stale.
    Unchanged(Box<OrderState>),
    /// The message is older than the stored order, which does not change.
    Stale,
}

impl ChannelUpdate<'_> {
    /// The clock of the message, by which messages about an order are ordered.
    pub fn clock(&self) -> ChannelClock {
        ChannelClock {
            updated_at: self.patch.updated_at,
            triggered_at: self.triggered_at.unwrap_or(self.patch.updated_at),
            digest: digest(self.patch),
        }
    }

    /// Applies the message to the stored order, or creates an order with the id `new_id`.
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
            key: OrderKey {
                external_id: self.patch.external_id.clone(),
                account: self.account.clone(),
            },
            group_id: None,
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
        // A placeholder of a deleted order has no values to keep.
        let known = (current.clock != ChannelClock::NEVER).then_some(&current.channel);
        next.channel = self.merge(known);
        next.clock = self.clock();
        if current.deleted_at.is_some() {
            next.channel.status = OrderStatus::Cancelled;
        }
        if current.redacted_at.is_some() {
            next.channel.customer = None;
        }
        // The status changes only when the channel's status has changed; otherwise a
        // person's choice is kept.
        if next.channel.status != current.channel.status {
            next.set_status(next.channel.status, self.delivered_at());
        }
        finish(next, current, self.now)
    }

    fn delivered_at(&self) -> DateTime<Utc> {
        self.patch.delivered_at.unwrap_or(self.patch.updated_at)
    }

    /// The channel's fields after this message: its values, otherwise the stored ones.
    fn merge(&self, known: Option<&ChannelFields>) -> ChannelFields {
        let patch = self.patch;
        let (currency, total_minor) = self.amount(known);
        let or_known = |sent: &Option<Option<String>>,
                        known: Option<&Option<String>>|
         -> Option<String> { sent.as_ref().or(known).cloned().flatten() };
        let financial_status =
            or_known(&patch.financial_status, known.map(|k| &k.financial_status));
        let fulfillment_status = or_known(
            &patch.fulfillment_status,
            known.map(|k| &k.fulfillment_status),
        );
        let signals = StatusSignals {
            cancelled: patch.cancelled.unwrap_or_else(|| {
                known.is_some_and(|k| k.status == OrderStatus::Cancelled)
                    && patch.financial_status.is_none()
                    && patch.fulfillment_status.is_none()
            }),
            fulfillment: fulfillment_status.as_deref(),
            all_delivered: patch
                .all_delivered
                .unwrap_or_else(|| known.is_some_and(|k| k.status == OrderStatus::Delivered)),
            financial: financial_status.as_deref(),
        };
        ChannelFields {
            name: patch
                .name
                .as_ref()
                .or(known.map(|k| &k.name))
                .cloned()
                .unwrap_or_else(|| default_name(&patch.external_id)),
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
            status: (self.status_map)(signals),
            financial_status,
            fulfillment_status,
        }
    }

    /// The currency and total after this message. They change only together, so that a
    /// stored total never gets another currency.
    fn amount(&self, known: Option<&ChannelFields>) -> (String, i64) {
        let known_currency = known.map_or(money::NO_CURRENCY, |k| &k.currency);
        let currency = self.patch.currency.as_deref().unwrap_or(known_currency);
        let total = self
            .patch
            .total
            .and_then(|total| money::to_minor(total, currency).ok());
        match (total, known) {
            (Some(total), _) => (currency.to_owned(), total.units),
            (None, Some(known)) => (known.currency.clone(), known.total_minor),
            (None, None) => (currency.to_owned(), 0),
        }
    }
}

/// Marks an order as deleted at its channel. It stays visible as cancelled, and no later
/// message changes that. If the order is not stored yet, a placeholder is created, which a
/// late message fills in.
pub fn delete(
    current: Option<&OrderState>,
    key: OrderKey,
    deleted_at: DateTime<Utc>,
    new_id: Uuid,
    now: DateTime<Utc>,
) -> ChannelOutcome {
    let Some(current) = current else {
        return ChannelOutcome::Changed(Box::new(OrderState {
            id: new_id,
            channel: ChannelFields {
                name: default_name(&key.external_id),
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
            key,
            group_id: None,
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
    // Of two deletions the earlier time counts, whichever arrived first.
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

/// Erases a customer's personal data from an order: the customer, and the notes, which may
/// contain personal data too.
pub fn redact(current: &OrderState, now: DateTime<Utc>) -> ChannelOutcome {
    let mut next = current.clone();
    next.channel.customer = None;
    next.notes = None;
    next.redacted_at = Some(current.redacted_at.unwrap_or(now));
    finish(next, current, now)
}

/// Removes a person's e-mail address and phone number from the notes of an order
/// that belongs to another customer.
pub fn redact_mentions(
    current: &OrderState,
    subject: &DataSubject,
    instead: &str,
    now: DateTime<Utc>,
) -> ChannelOutcome {
    let mut next = current.clone();
    if let Some(notes) = &current.notes
        && let Some(redacted) = subject.redact(notes, instead)
    {
        next.notes = Some(redacted);
    }
    finish(next, current, now)
}

/// Increases the version if anything has changed.
fn finish(mut next: OrderState, current: &OrderState, now: DateTime<Utc>) -> ChannelOutcome {
    if next.changes_since(Some(current)).is_empty() {
        return ChannelOutcome::Unchanged(Box::new(next));
    }
    next.version += 1;
    next.updated_at = now;
    ChannelOutcome::Changed(Box::new(next))
}

fn default_name(id: &ExternalOrderId) -> String {
    format!("#{id}")
}

/// A digest of a message's content, which is the same on every instance of a release. It
/// matters only for two different payloads with the same times.
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
        (
            patch.placed_at,
            patch.delivered_at,
            patch.cancelled,
            patch.all_delivered,
        ),
    );
    let hash = Sha256::digest(format!("{content:?}"));
    hash.first_chunk()
        .map_or(0, |bytes| i64::from_be_bytes(*bytes))
}

/// The names of fields that could not be read or had to be rounded, for the log and the
/// delivery's note. Never their values, which may be personal data.
pub fn problems(patch: &OrderPatch, known: Option<&OrderState>) -> Vec<&'static str> {
    let mut problems = patch.problems.clone();
    let known = known.map(|order| order.channel.currency.as_str());
    let currency = patch
        .currency
        .as_deref()
        .or(known)
        .unwrap_or(money::NO_CURRENCY);
    if let Some(total) = patch.total
        && !money::to_minor(total, currency).is_ok_and(|total| !total.rounded)
    {
        problems.push("total_price");
    }
    problems
}
