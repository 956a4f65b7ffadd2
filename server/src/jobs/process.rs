//! Applies deliveries to orders.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use anyhow::Context;
use chrono::TimeDelta;
use domain::channel::{self, ChannelOutcome, ChannelUpdate};
use domain::fees::ShippingTiers;
use domain::notice::Notice;
use domain::order::OrderState;
use domain::payload::OrderPatch;
use domain::topic::Topic;
use futures::FutureExt;
use sea_orm::{ColumnTrait, Condition, DbErr};
use tracing::{Instrument, error, info, info_span, warn};
use uuid::Uuid;

use super::retry::RetryPolicy;
use super::{DeliveryJob, privacy};
use crate::db::entities::delivery::{self, DeliveryState, Model as Delivery};
use crate::db::{Db, WriteTx, is_conflict, is_unavailable, now};
use crate::deliveries::store::{self as deliveries, AfterFailure};
use crate::orders::store::{self as orders, Actor, Committed, WriteError};
use crate::sync::publisher::Publisher;

/// One delivery may take this long; then the attempt has failed.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(20);

/// Tries against other writers of the same order, within one attempt.
const MAX_RACES: u32 = 20;

/// How long one turn of erasing a shop lasts.
const ERASURE_TURN: Duration = Duration::from_secs(10);

/// How long to leave a delivery alone when the database is away.
const OUTAGE_PAUSE: TimeDelta = TimeDelta::seconds(2);

/// What processing needs.
#[derive(Debug)]
pub struct Processor {
    /// Where orders live.
    pub db: Db,
    /// Told of every committed change.
    pub publisher: Publisher,
    /// Fee tiers in force.
    pub tiers: ShippingTiers,
    /// What failures lead to.
    pub retry: RetryPolicy,
}

/// Processes a job's deliveries one by one: a bad one does not fail its
/// neighbours.
pub async fn process_job(processor: &Processor, job: &DeliveryJob) {
    for &id in &job.delivery_ids {
        let span = info_span!("delivery", delivery.id = %id);
        attempt(processor, id).instrument(span).await;
    }
}

/// One attempt at one delivery, however it ends.
async fn attempt(processor: &Processor, id: Uuid) {
    let work = AssertUnwindSafe(process(processor, id)).catch_unwind();
    let failure = match tokio::time::timeout(ATTEMPT_TIMEOUT, work).await {
        Ok(Ok(Ok(()))) => return,
        Ok(Ok(Err(error))) => error,
        Ok(Err(_panic)) => anyhow::anyhow!("the processor panicked"),
        Err(_elapsed) => TimedOut.into(),
    };
    if let Err(error) = record_failure(processor, id, &failure).await {
        // The claim runs out and the delivery is dispatched again.
        warn!(%error, "could not record a failed attempt");
    }
}

/// An attempt took longer than [`ATTEMPT_TIMEOUT`].
#[derive(Debug, thiserror::Error)]
#[error("timed out after {} s", ATTEMPT_TIMEOUT.as_secs())]
struct TimedOut;

async fn record_failure(
    processor: &Processor,
    id: Uuid,
    failure: &anyhow::Error,
) -> Result<(), DbErr> {
    let outage = match failure.downcast_ref::<DbErr>() {
        Some(error) => is_unavailable(error),
        // An attempt that hung may have hung on the database.
        None => failure.is::<TimedOut>() && processor.db.ping().await.is_err(),
    };
    if outage {
        warn!(error = %failure, "the database is away; the attempt does not count");
        return deliveries::postpone(&processor.db, &[id], now() + OUTAGE_PAUSE).await;
    }
    let message = format!("{failure:#}");
    let verdict = deliveries::record_failure(&processor.db, id, &message, |attempts| {
        processor.retry.after(attempts, now())
    })
    .await?;
    match verdict {
        Some(AfterFailure::Dead) => error!(error = message, "delivery is dead"),
        Some(AfterFailure::RetryAt(time)) => warn!(error = message, %time, "attempt failed"),
        None => {}
    }
    Ok(())
}

/// Applies a delivery in one transaction: order, history and delivery state
/// together or not at all. Broadcasts after the commit.
async fn process(processor: &Processor, id: Uuid) -> anyhow::Result<()> {
    for _ in 0..MAX_RACES {
        let tx = processor.db.begin_write().await?;
        let Some(delivery) = deliveries::lock_pending(&*tx, id).await? else {
            return Ok(());
        };
        let topic = Topic::parse(&delivery.topic).context("a topic nobody acts on")?;
        let notice = Notice::parse(topic, &delivery.shop, &delivery.payload).context("payload")?;
        if notice == Notice::RedactShop {
            // Too much for one transaction; done in steps of its own.
            drop(tx);
            return redact_shop(processor, &delivery).await;
        }
        match apply(processor, &tx, &delivery, notice).await {
            Ok(outcome) => {
                outcome.record(&tx, &delivery).await?;
                tx.commit().await?;
                outcome.log(&delivery);
                for change in outcome.committed {
                    processor.publisher.publish(change);
                }
                return Ok(());
            }
            // Somebody else wrote this order first: look again.
            Err(WriteError::Race) => {}
            Err(WriteError::Database(error)) if is_conflict(&error) => {}
            Err(WriteError::Database(error)) => return Err(error.into()),
            Err(WriteError::Other(error)) => return Err(error),
        }
    }
    anyhow::bail!("lost {MAX_RACES} races for the same order")
}

/// What became of a delivery.
struct Outcome {
    state: DeliveryState,
    order_id: Option<Uuid>,
    /// For people looking at the delivery; never personal data.
    note: Option<String>,
    committed: Vec<Committed>,
    /// The payload holds personal data that is to be gone.
    prune: bool,
}

impl Outcome {
    const fn new(state: DeliveryState, order_id: Option<Uuid>) -> Self {
        Self {
            state,
            order_id,
            note: None,
            committed: Vec::new(),
            prune: false,
        }
    }

    async fn record(&self, tx: &WriteTx, delivery: &Delivery) -> Result<(), DbErr> {
        let note = self.note.clone();
        deliveries::finish(&**tx, delivery.id, self.state, self.order_id, note).await?;
        if self.prune {
            let this = Condition::all().add(delivery::Column::Id.eq(delivery.id));
            deliveries::prune_payloads(&**tx, this).await?;
        }
        Ok(())
    }

    fn log(&self, delivery: &Delivery) {
        info!(
            topic = delivery.topic,
            state = ?self.state,
            order.id = self.order_id.map(tracing::field::display),
            order.version = self.committed.first().map(|change| change.order.version),
            "delivery processed"
        );
    }
}

async fn apply(
    processor: &Processor,
    tx: &WriteTx,
    delivery: &Delivery,
    notice: Notice,
) -> Result<Outcome, WriteError> {
    match notice {
        Notice::Order(patch) => apply_order(processor, tx, delivery, &patch).await,
        Notice::Deleted(id) => {
            let current = orders::lock_by_shopify_id(&**tx, &delivery.shop, id).await?;
            // The payload has no time of its own.
            let at = delivery.triggered_at.unwrap_or(delivery.received_at);
            let shop = &delivery.shop;
            let outcome = channel::delete(current.as_ref(), shop, id, at, Uuid::now_v7(), now());
            settle(tx, delivery, current.as_ref(), outcome).await
        }
        Notice::Around(id) => {
            let current = orders::lock_by_shopify_id(&**tx, &delivery.shop, id).await?;
            let order_id = current.map(|order| order.id);
            Ok(Outcome {
                note: Some("the order itself follows in orders/updated".to_owned()),
                ..Outcome::new(DeliveryState::Unchanged, order_id)
            })
        }
        Notice::DataRequest(person) => {
            let orders = privacy::orders_of(tx, &delivery.shop, &person).await?;
            let names: Vec<_> = orders
                .iter()
                .map(|order| order.channel.name.as_str())
                .collect();
            Ok(Outcome {
                note: Some(format!(
                    "orders with this customer's data: {}",
                    names.join(", ")
                )),
                prune: true,
                ..Outcome::new(DeliveryState::Applied, None)
            })
        }
        Notice::RedactCustomer(person) => {
            let committed =
                privacy::redact_customer(tx, &delivery.shop, &person, delivery.id).await?;
            Ok(Outcome {
                note: Some(format!(
                    "personal data erased from {} orders",
                    committed.len()
                )),
                committed,
                prune: true,
                ..Outcome::new(DeliveryState::Applied, None)
            })
        }
        Notice::RedactShop => Err(anyhow::anyhow!("not in one transaction").into()),
    }
}

async fn apply_order(
    processor: &Processor,
    tx: &WriteTx,
    delivery: &Delivery,
    patch: &OrderPatch,
) -> Result<Outcome, WriteError> {
    let update = ChannelUpdate {
        shop: &delivery.shop,
        patch,
        triggered_at: delivery.triggered_at,
        tiers: &processor.tiers,
        now: now(),
    };
    let current = orders::lock_by_shopify_id(&**tx, &delivery.shop, patch.shopify_order_id).await?;
    let outcome = update.apply(current.as_ref(), Uuid::now_v7());
    let mut outcome = settle(tx, delivery, current.as_ref(), outcome).await?;
    let problems = channel::problems(patch, current.as_ref());
    if !problems.is_empty() && outcome.note.is_none() {
        outcome.note = Some(format!("could not read {}", problems.join(", ")));
        warn!(fields = problems.join(", "), "payload taken with gaps");
    }
    Ok(outcome)
}

/// Writes what the rules decided.
async fn settle(
    tx: &WriteTx,
    delivery: &Delivery,
    current: Option<&OrderState>,
    outcome: ChannelOutcome,
) -> Result<Outcome, WriteError> {
    let redacted = current.is_some_and(|order| order.redacted_at.is_some());
    let settled = match outcome {
        ChannelOutcome::Changed(next) => {
            let actor = Actor::Shopify {
                delivery_id: delivery.id,
            };
            let committed = orders::write(tx, current, *next, &actor).await?;
            let order_id = Some(committed.order.id);
            Outcome {
                committed: vec![committed],
                ..Outcome::new(DeliveryState::Applied, order_id)
            }
        }
        ChannelOutcome::Unchanged(next) => {
            orders::advance_clock(tx, &next).await?;
            Outcome::new(DeliveryState::Unchanged, Some(next.id))
        }
        ChannelOutcome::Stale => Outcome {
            note: Some("stale".to_owned()),
            ..Outcome::new(DeliveryState::Discarded, current.map(|order| order.id))
        },
    };
    Ok(Outcome {
        prune: redacted,
        ..settled
    })
}

/// Erases a shop, then marks the request as done. A large shop takes several
/// turns, none of which counts as a failed attempt.
async fn redact_shop(processor: &Processor, delivery: &Delivery) -> anyhow::Result<()> {
    let turn = tokio::time::Instant::now() + ERASURE_TURN;
    match privacy::redact_shop(&processor.db, &delivery.shop, delivery.id, turn).await {
        Ok(true) => {}
        Err(error) if !is_conflict(&error) => return Err(error.into()),
        // More to do, or in somebody's way: another turn.
        Ok(false) | Err(_) => {
            return Ok(deliveries::postpone(&processor.db, &[delivery.id], now()).await?);
        }
    }
    let tx = processor.db.begin_write().await?;
    let outcome = Outcome {
        note: Some("everything about this shop was erased".to_owned()),
        prune: true,
        ..Outcome::new(DeliveryState::Applied, None)
    };
    outcome.record(&tx, delivery).await?;
    tx.commit().await?;
    outcome.log(delivery);
    Ok(())
}
