//! Applies deliveries to orders in one transaction: orders, history and
//! delivery states together or not at all. Broadcasts after the commit.

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
use platform::live::feed::Origin;
use platform::telemetry::traces;
use sea_orm::ConnectionTrait;
use tracing::{info, warn};
use uuid::Uuid;

use super::ApplyToOrders;
use crate::store::{self as orders, Actor, Changes, WriteError};

/// Tries against other writers of the same orders, within one attempt.
pub const MAX_RACES: u32 = 20;

/// Applies deliveries; `parsed` are those that need not be loaded. Returns those that
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
        // Another worker may have been faster: loading shows what is still pending.
        parsed = Vec::new();
    }
    anyhow::bail!("lost {MAX_RACES} races for the same orders")
}

/// The result, unless another writer was faster at an order or at a delivery: then it
/// is worth another try.
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

/// Deliveries of a job.
#[derive(Default)]
struct Batch {
    about_one_order: Vec<(OrderKey, ParsedDelivery)>,
    rest: Vec<Uuid>,
}

/// What is known of the deliveries already, and the others from the database.
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
            // Alone it fails by itself.
            Err((id, _)) if ids.len() > 1 => batch.rest.push(id),
            Err((_, error)) => return Err(WriteError::Other(error)),
        }
    }
    // In the order they came: ids are time-ordered.
    deliveries.sort_unstable_by_key(|delivery| delivery.id);
    for delivery in deliveries {
        match key(&delivery) {
            Some(key) => batch.about_one_order.push((key, delivery)),
            None => batch.rest.push(delivery.id),
        }
    }
    Ok(batch)
}

/// Parses a delivery that was loaded. Its source decides how.
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
    // The payload has no time of its own.
    let at = delivery.triggered_at.unwrap_or(delivery.received_at);
    channel_rules::delete(current, key, at, new_id(), now())
}

/// A transaction's work, in memory until it is all known.
struct Work<'a> {
    context: &'a ApplyToOrders,
    /// Orders as they are by now.
    known: HashMap<OrderKey, OrderState>,
    changes: Changes,
    finished: Vec<Finished>,
    /// Of what is finished, for the log.
    topics: Vec<String>,
    /// Deliveries whose payload holds personal data that is to be gone.
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
                    warn!(delivery.id = %delivery.id, fields, "payload taken with gaps");
                    format!("could not read {fields}")
                });
                (update.apply(current, new_id()), note)
            }
            ChannelEvent::OrderDeleted(id) => (delete(delivery, id, current), None),
            _ => {
                let order_id = current.map(|order| order.id);
                let note = Some("the order itself follows in orders/updated".to_owned());
                self.finish(delivery, DeliveryState::Unchanged, order_id, note, None);
                return Ok(());
            }
        };
        self.settle(delivery, key, outcome, note)
    }

    /// Notes down what the rules decided.
    fn settle(
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
                let origin = Origin {
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
        let writing = self.changes.write_with(&mut writes);
        let finish = deliveries::finish_with(&mut writes, &self.finished);
        let written = writes.execute(&tx).await?;
        let committed = writing.check(&written)?;
        // Fewer: another worker had some of them, too, and was faster.
        if !written.is(finish, self.finished.len()) {
            return Err(WriteError::Race);
        }
        if !self.prune.is_empty() {
            erasure::prune(&tx, self.prune).await?;
        }
        tx.commit().await?;
        // Only now: what is rolled back was not processed.
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
