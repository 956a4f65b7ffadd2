//! Applies deliveries to orders in one transaction: orders, history and
//! delivery states together or not at all. Broadcasts after the commit.

use std::collections::{BTreeSet, HashMap};

use anyhow::Context;
use domain::notice::Notice;
use domain::orders::channel::{self, ChannelOutcome, ChannelUpdate};
use domain::orders::order::{OrderState, ShopifyOrderId};
use domain::topic::Topic;
use metrics::counter;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait};
use tracing::{info, warn};
use uuid::Uuid;

use super::process::Processor;
use crate::db::entities::delivery::{self, DeliveryState};
use crate::db::together::Together;
use crate::db::{WriteTx, is_conflict, new_id, now};
use crate::deliveries::fresh::Incoming;
use crate::deliveries::store::{self as deliveries, Finished};
use crate::orders::store::{self as orders, Actor, Changes, ChannelKey, Origin, WriteError};
use crate::telemetry::metrics::names;
use crate::telemetry::traces;

/// Tries against other writers of the same orders, within one attempt.
pub const MAX_RACES: u32 = 20;

/// Processes deliveries. Returns those that are not about one order and need a
/// transaction of their own.
pub async fn process(processor: &Processor, ids: &[Uuid]) -> anyhow::Result<Vec<Uuid>> {
    let mut fresh = processor.fresh.take(ids);
    for _ in 0..MAX_RACES {
        if let Some(done) = unless_raced(try_process(processor, ids, fresh).await) {
            return done;
        }
        fresh = Vec::new();
    }
    anyhow::bail!("lost {MAX_RACES} races for the same orders")
}

/// The result, unless somebody else was first at an order or at a delivery: then
/// it is worth looking again.
pub fn unless_raced<T>(result: Result<T, WriteError>) -> Option<anyhow::Result<T>> {
    match result {
        Err(WriteError::Race) => None,
        Err(WriteError::Database(error)) if is_conflict(&error) => None,
        Err(WriteError::Database(error)) => Some(Err(error.into())),
        Err(WriteError::Other(error)) => Some(Err(error)),
        Ok(done) => Some(Ok(done)),
    }
}

async fn try_process(
    processor: &Processor,
    ids: &[Uuid],
    fresh: Vec<Incoming>,
) -> Result<Vec<Uuid>, WriteError> {
    let tx = processor.db.begin_write().await?;
    let batch = load(&tx, ids, fresh).await?;
    let about = batch
        .about_one_order
        .iter()
        .map(|(_, delivery)| delivery.id);
    let _spans = traces::spans("process", about);
    let keys: BTreeSet<ChannelKey> = batch
        .about_one_order
        .iter()
        .map(|(key, _)| key.clone())
        .collect();
    let known = orders::lock_by_channel_keys(&tx, &keys).await?;
    let mut work = Work {
        processor,
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
    about_one_order: Vec<(ChannelKey, Incoming)>,
    rest: Vec<Uuid>,
}

/// What is known of the deliveries already, and the others from the database.
async fn load(tx: &WriteTx, ids: &[Uuid], fresh: Vec<Incoming>) -> Result<Batch, WriteError> {
    let mut batch = Batch::default();
    let missing: Vec<Uuid> = ids
        .iter()
        .filter(|id| fresh.iter().all(|known| known.id != **id))
        .copied()
        .collect();
    let mut deliveries = fresh;
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

/// Reads a delivery that was loaded.
pub fn read(row: delivery::Model) -> Result<Incoming, (Uuid, anyhow::Error)> {
    let notice = Topic::parse(&row.topic)
        .context("a topic nobody acts on")
        .and_then(|topic| Notice::parse(topic, &row.shop, &row.payload).context("payload"));
    match notice {
        Ok(notice) => Ok(Incoming {
            id: row.id,
            shop: row.shop,
            topic: row.topic,
            triggered_at: row.triggered_at,
            received_at: row.received_at,
            notice,
        }),
        Err(error) => Err((row.id, error)),
    }
}

/// The one order a delivery is about.
fn key(delivery: &Incoming) -> Option<ChannelKey> {
    let id = match &delivery.notice {
        Notice::Order(patch) => patch.shopify_order_id,
        Notice::Deleted(id) | Notice::Around(id) => *id,
        Notice::DataRequest(_) | Notice::RedactCustomer(_) | Notice::RedactShop => return None,
    };
    Some((delivery.shop.clone(), id))
}

fn delete(delivery: &Incoming, id: ShopifyOrderId, current: Option<&OrderState>) -> ChannelOutcome {
    // The payload has no time of its own.
    let at = delivery.triggered_at.unwrap_or(delivery.received_at);
    channel::delete(current, &delivery.shop, id, at, new_id(), now())
}

/// A transaction's work, in memory until it is all known.
struct Work<'a> {
    processor: &'a Processor,
    /// Orders as they are by now.
    known: HashMap<ChannelKey, OrderState>,
    changes: Changes,
    finished: Vec<Finished>,
    /// Of what is finished, for the log.
    topics: Vec<String>,
    /// Deliveries whose payload holds personal data that is to be gone.
    prune: Vec<Uuid>,
}

impl Work<'_> {
    fn apply(&mut self, key: ChannelKey, delivery: &Incoming) -> Result<(), WriteError> {
        let current = self.known.get(&key);
        let (outcome, note) = match &delivery.notice {
            Notice::Order(patch) => {
                let update = ChannelUpdate {
                    shop: &delivery.shop,
                    patch,
                    triggered_at: delivery.triggered_at,
                    tiers: &self.processor.tiers,
                    now: now(),
                };
                let problems = channel::problems(patch, current);
                let note = (!problems.is_empty()).then(|| {
                    let fields = problems.join(", ");
                    warn!(delivery.id = %delivery.id, fields, "payload taken with gaps");
                    format!("could not read {fields}")
                });
                (update.apply(current, new_id()), note)
            }
            Notice::Deleted(id) => (delete(delivery, *id, current), None),
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
        delivery: &Incoming,
        key: ChannelKey,
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
                let actor = Actor::Shopify {
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
        delivery: &Incoming,
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
        let mut writes = Together::new(tx.get_database_backend());
        let writing = self.changes.write_with(&mut writes);
        let finish = deliveries::finish_with(&mut writes, &self.finished);
        let written = writes.execute(&tx).await?;
        let committed = writing.check(&written)?;
        // Fewer: another worker had some of them, too, and was first.
        if !written.is(finish, self.finished.len()) {
            return Err(WriteError::Race);
        }
        if !self.prune.is_empty() {
            let these = Condition::all().add(delivery::Column::Id.is_in(self.prune));
            deliveries::prune_payloads(&tx, these).await?;
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
        self.processor.publisher.publish(committed);
        Ok(())
    }
}
