//! Applies deliveries to orders in one transaction: orders, history and delivery states
//! are written together or not at all. The changes are broadcast after the commit.

use std::collections::{BTreeSet, HashMap};

use anyhow::Context;
use channels::adapter;
use domain::channels::account::{Channel, ChannelAccount, ExternalOrderId, OrderKey};
use domain::channels::event::ChannelEvent;
use domain::orders::channel_rules::{self, ChannelOutcome, ChannelUpdate};
use domain::orders::order::OrderState;
use inbox::deliveries::entity::{DeliveryState, Model as Delivery};
use inbox::deliveries::erasure;
use inbox::deliveries::store::{self as deliveries, Finished};
use inbox::metric_names as names;
use inbox::parsed_cache::ParsedDelivery;
use metrics::counter;
use platform::db::write_batch::WriteBatch;
use platform::db::{WriteTx, is_conflict, new_id, now};
use platform::live::feed::ChangeOrigin;
use platform::telemetry::traces;
use sea_orm::ConnectionTrait;
use tracing::{info, warn};
use uuid::Uuid;

use super::ApplyToOrders;
use crate::store::{self as orders, Actor, Changes, WriteError};

/// How often an attempt is repeated after a conflict with other writers of the same
/// orders.
pub const MAX_RACES: u32 = 20;

/// Applies deliveries; those in `parsed` need not be loaded. Returns the deliveries that
/// are not about one order and need a transaction of their own.
pub async fn apply(
    context: &ApplyToOrders,
    ids: &[Uuid],
    mut parsed: Vec<ParsedDelivery>,
) -> anyhow::Result<Vec<Uuid>> {
    for _ in 0..MAX_RACES {
        if let Some(done) = unless_raced(try_apply(context, ids, parsed).await) {
            return done;
        }
        // Another worker may have processed some of them, so the next try loads those
        // that are still pending.
        parsed = Vec::new();
    }
    anyhow::bail!("lost {MAX_RACES} races for the same orders")
}

/// The result; `None` if another writer changed an order or a delivery first, so that
/// another try may succeed.
pub fn unless_raced<T>(result: Result<T, WriteError>) -> Option<anyhow::Result<T>> {
    match result {
        Err(WriteError::Race) => None,
        Err(WriteError::Database(error)) if is_conflict(&error) => None,
        Err(WriteError::Database(error)) => Some(Err(error.into())),
        Err(WriteError::Other(error)) => Some(Err(error)),
        Ok(done) => Some(Ok(done)),
    }
}

async fn try_apply(
    context: &ApplyToOrders,
    ids: &[Uuid],
    parsed: Vec<ParsedDelivery>,
) -> Result<Vec<Uuid>, WriteError> {
    let tx = context.db.begin_write().await?;
    let batch = load(&tx, ids, parsed).await?;
    let about = batch
        .about_one_order
        .iter()
        .map(|(_, delivery)| delivery.id);
    let _spans = traces::spans("process", about);
    let keys: BTreeSet<OrderKey> = batch
        .about_one_order
        .iter()
        .map(|(key, _)| key.clone())
        .collect();
    let known = orders::lock_by_keys(&tx, &keys).await?;
    let mut work = Work {
        context,
        known,
        changes: Changes::default(),
        finished: Vec::with_capacity(ids.len()),
        topics: Vec::with_capacity(ids.len()),
        prune: Vec::new(),
    };
    for (key, delivery) in batch.about_one_order {
        work.apply(key, &delivery)?;
    }
    work.commit(tx).await?;
    Ok(batch.rest)
}

/// The deliveries of a job.
#[derive(Default)]
struct Batch {
    about_one_order: Vec<(OrderKey, ParsedDelivery)>,
    rest: Vec<Uuid>,
}

/// Loads the deliveries that are not in `parsed`, and sorts all of them by time.
async fn load(
    tx: &WriteTx,
    ids: &[Uuid],
    parsed: Vec<ParsedDelivery>,
) -> Result<Batch, WriteError> {
    let mut batch = Batch::default();
    let missing: Vec<Uuid> = ids
        .iter()
        .filter(|id| parsed.iter().all(|known| known.id != **id))
        .copied()
        .collect();
    let mut deliveries = parsed;
    for row in deliveries::lock_all_pending(tx, &missing).await? {
        match read(row) {
            Ok(delivery) => deliveries.push(delivery),
            // It fails in a transaction of its own, without the others.
            Err((id, _)) if ids.len() > 1 => batch.rest.push(id),
            Err((_, error)) => return Err(WriteError::Other(error)),
        }
    }
    // Ids are ordered by time, so this is the order of arrival.
    deliveries.sort_unstable_by_key(|delivery| delivery.id);
    for delivery in deliveries {
        match key(&delivery) {
            Some(key) => batch.about_one_order.push((key, delivery)),
            None => batch.rest.push(delivery.id),
        }
    }
    Ok(batch)
}

/// Parses a delivery that was loaded, with the adapter of its source.
pub fn read(row: Delivery) -> Result<ParsedDelivery, (Uuid, anyhow::Error)> {
    let id = row.id;
    parse(row).map_err(|error| (id, error))
}

fn parse(row: Delivery) -> anyhow::Result<ParsedDelivery> {
    let account = ChannelAccount {
        channel: Channel::parse(&row.source).context("an unknown channel")?,
        name: row.shop,
    };
    let event = adapter::parse(&account, &row.topic, &row.payload);
    Ok(ParsedDelivery {
        id: row.id,
        account,
        event: event
            .context("a topic that is not acted on")?
            .context("payload")?,
        topic: row.topic,
        triggered_at: row.triggered_at,
        received_at: row.received_at,
    })
}

/// The one order that a delivery is about.
fn key(delivery: &ParsedDelivery) -> Option<OrderKey> {
    Some(OrderKey {
        external_id: delivery.event.order_id()?.clone(),
        account: delivery.account.clone(),
    })
}

fn delete(
    delivery: &ParsedDelivery,
    external_id: &ExternalOrderId,
    current: Option<&OrderState>,
) -> ChannelOutcome {
    let key = OrderKey {
        external_id: external_id.clone(),
        account: delivery.account.clone(),
    };
    // The payload of a deletion contains no time.
    let at = delivery.triggered_at.unwrap_or(delivery.received_at);
    channel_rules::delete(current, key, at, new_id(), now())
}

/// The changes of a transaction. They are collected in memory and written at the end.
struct Work<'a> {
    context: &'a ApplyToOrders,
    /// The orders with all changes so far.
    known: HashMap<OrderKey, OrderState>,
    changes: Changes,
    finished: Vec<Finished>,
    /// The topics of the finished deliveries, for the log.
    topics: Vec<String>,
    /// Deliveries whose payload has personal data that was to be erased.
    prune: Vec<Uuid>,
}

impl Work<'_> {
    fn apply(&mut self, key: OrderKey, delivery: &ParsedDelivery) -> Result<(), WriteError> {
        let current = self.known.get(&key);
        let (outcome, note) = match &delivery.event {
            ChannelEvent::OrderChanged(patch) => {
                let update = ChannelUpdate {
                    account: &delivery.account,
                    patch,
                    status_map: adapter::of(delivery.account.channel).status_map,
                    triggered_at: delivery.triggered_at,
                    tiers: &self.context.tiers,
                    now: now(),
                };
                let problems = channel_rules::problems(patch, current);
                let note = (!problems.is_empty()).then(|| {
                    let fields = problems.join(", ");
                    warn!(delivery.id = %delivery.id, fields, "payload accepted with unreadable fields");
                    format!("could not read {fields}")
                });
                (update.apply(current, new_id()), note)
            }
            ChannelEvent::OrderDeleted(id) => (delete(delivery, id, current), None),
            ChannelEvent::DataRequested(_)
            | ChannelEvent::CustomerRedacted(_)
            | ChannelEvent::AccountRedacted => {
                return Err(anyhow::anyhow!("not about one order").into());
            }
            ChannelEvent::OrderTouched(_) => {
                let order_id = current.map(|order| order.id);
                let note = Some("the order itself follows in orders/updated".to_owned());
                self.finish(delivery, DeliveryState::Unchanged, order_id, note, None);
                return Ok(());
            }
        };
        self.record(delivery, key, outcome, note)
    }

    /// Records the outcome of a delivery.
    fn record(
        &mut self,
        delivery: &ParsedDelivery,
        key: OrderKey,
        outcome: ChannelOutcome,
        note: Option<String>,
    ) -> Result<(), WriteError> {
        let current = self.known.get(&key);
        if current.is_some_and(|order| order.redacted_at.is_some()) {
            self.prune.push(delivery.id);
        }
        let order_id = current.map(|order| order.id);
        match outcome {
            ChannelOutcome::Changed(next) => {
                let actor = Actor::Channel {
                    channel: delivery.account.channel,
                    delivery_id: delivery.id,
                };
                let origin = ChangeOrigin {
                    delivery_id: delivery.id,
                    triggered_at: delivery.triggered_at,
                    received_at: delivery.received_at,
                };
                self.changes
                    .add(current, (*next).clone(), &actor, Some(origin))?;
                let (id, version) = (Some(next.id), Some(next.version));
                self.known.insert(key, *next);
                self.finish(delivery, DeliveryState::Applied, id, note, version);
            }
            ChannelOutcome::Unchanged(next) => {
                if let Some(current) = current {
                    self.changes.advance_clock(current, (*next).clone());
                }
                self.known.insert(key, *next);
                self.finish(delivery, DeliveryState::Unchanged, order_id, note, None);
            }
            ChannelOutcome::Stale => {
                let note = Some("stale".to_owned());
                self.finish(delivery, DeliveryState::Discarded, order_id, note, None);
            }
        }
        Ok(())
    }

    fn finish(
        &mut self,
        delivery: &ParsedDelivery,
        state: DeliveryState,
        order_id: Option<Uuid>,
        note: Option<String>,
        version: Option<i64>,
    ) {
        self.topics.push(delivery.topic.clone());
        self.finished.push(Finished {
            id: delivery.id,
            state,
            order_id,
            version,
            note,
        });
    }

    async fn commit(self, tx: WriteTx) -> Result<(), WriteError> {
        if self.finished.is_empty() {
            return Ok(());
        }
        let mut writes = WriteBatch::new(tx.get_database_backend());
        let pending = self.changes.write_with(&mut writes);
        let finish = deliveries::finish_with(&mut writes, &self.finished);
        let written = writes.execute(&tx).await?;
        let committed = pending.check(&written)?;
        // If fewer rows were written, another worker has processed some of the deliveries.
        if !written.is(finish, self.finished.len()) {
            return Err(WriteError::Race);
        }
        if !self.prune.is_empty() {
            erasure::prune(&tx, self.prune).await?;
        }
        tx.commit().await?;
        // Logged and counted only after the commit, because deliveries of a rolled back
        // transaction were not processed.
        for (done, topic) in self.finished.iter().zip(self.topics) {
            info!(
                delivery.id = %done.id,
                topic,
                state = ?done.state,
                order.id = done.order_id.map(tracing::field::display),
                order.version = done.version,
                "delivery processed"
            );
            let outcome = match done.state {
                DeliveryState::Applied => "applied",
                DeliveryState::Discarded => "discarded",
                _ => "unchanged",
            };
            counter!(names::PROCESSED, "outcome" => outcome).increment(1);
        }
        self.context.publisher.publish(committed);
        Ok(())
    }
}
