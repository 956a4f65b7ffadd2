//! Applies deliveries to orders.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use anyhow::Context;
use chrono::TimeDelta;
use domain::channel::{self, ChannelOutcome, ChannelUpdate};
use domain::fees::ShippingTiers;
use domain::payload;
use futures::FutureExt;
use sea_orm::DbErr;
use tracing::{Instrument, error, info, info_span, warn};
use uuid::Uuid;

use super::DeliveryJob;
use super::retry::RetryPolicy;
use crate::db::entities::delivery::{DeliveryState, Model as Delivery};
use crate::db::{Db, WriteTx, is_unavailable, now};
use crate::deliveries::store::{self as deliveries, AfterFailure};
use crate::orders::store::{self as orders, Actor, Committed, WriteError};
use crate::sync::publisher::Publisher;

/// One delivery may take this long; then the attempt has failed.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(20);

/// Tries against other writers of the same order, within one attempt.
const MAX_RACES: u32 = 20;

/// How long to leave a delivery alone when the database is away.
const OUTAGE_PAUSE: Duration = Duration::from_secs(2);

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
        Err(_elapsed) => anyhow::anyhow!("timed out after {} s", ATTEMPT_TIMEOUT.as_secs()),
    };
    if let Err(error) = record_failure(processor, id, &failure).await {
        // The claim runs out and the delivery is dispatched again.
        warn!(%error, "could not record a failed attempt");
    }
}

async fn record_failure(
    processor: &Processor,
    id: Uuid,
    failure: &anyhow::Error,
) -> Result<(), DbErr> {
    if failure.downcast_ref::<DbErr>().is_some_and(is_unavailable) {
        warn!(error = %failure, "the database is away; the attempt does not count");
        let pause = TimeDelta::from_std(OUTAGE_PAUSE).unwrap_or_default();
        return deliveries::postpone(&processor.db, &[id], now() + pause).await;
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
        match apply(processor, &tx, &delivery).await {
            Ok(committed) => {
                tx.commit().await?;
                if let Some(committed) = committed {
                    processor.publisher.publish(committed);
                }
                return Ok(());
            }
            // Somebody else wrote this order first: look again.
            Err(WriteError::Race) => {}
            Err(WriteError::Database(error)) => return Err(error.into()),
            Err(WriteError::Other(error)) => return Err(error),
        }
    }
    anyhow::bail!("lost {MAX_RACES} races for the same order")
}

async fn apply(
    processor: &Processor,
    tx: &WriteTx,
    delivery: &Delivery,
) -> Result<Option<Committed>, WriteError> {
    let patch = payload::parse(&delivery.payload).context("payload")?;
    let problems = channel::problems(&patch);
    let note = (!problems.is_empty()).then(|| format!("could not read {}", problems.join(", ")));
    if let Some(note) = &note {
        warn!(note, "payload taken with gaps");
    }
    let update = ChannelUpdate {
        shop: &delivery.shop,
        patch: &patch,
        triggered_at: delivery.triggered_at,
        tiers: &processor.tiers,
        now: now(),
    };
    let current = orders::lock_by_shopify_id(&**tx, &delivery.shop, patch.shopify_order_id).await?;
    let (state, order_id, note, committed) = match update.apply(current.as_ref(), Uuid::now_v7()) {
        ChannelOutcome::Changed(next) => {
            let actor = Actor::Shopify {
                delivery_id: delivery.id,
            };
            let committed = orders::write(tx, current.as_ref(), *next, &actor).await?;
            let id = committed.order.id;
            (DeliveryState::Applied, Some(id), note, Some(committed))
        }
        ChannelOutcome::Unchanged(next) => {
            orders::advance_clock(tx, &next).await?;
            (DeliveryState::Unchanged, Some(next.id), note, None)
        }
        ChannelOutcome::Stale => {
            let id = current.map(|order| order.id);
            (DeliveryState::Discarded, id, Some("stale".into()), None)
        }
    };
    deliveries::finish(&**tx, delivery.id, state, order_id, note).await?;
    info!(
        topic = delivery.topic,
        ?state,
        order.id = order_id.map(tracing::field::display),
        order.version = committed.as_ref().map(|c| c.order.version),
        "delivery processed"
    );
    Ok(committed)
}
