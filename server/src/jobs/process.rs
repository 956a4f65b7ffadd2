//! Runs a job: its deliveries together where that works, one by one where it
//! does not, and what failed is recorded.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use chrono::TimeDelta;
use domain::orders::fees::ShippingTiers;
use futures::FutureExt;
use metrics::counter;
use sea_orm::DbErr;
use tracing::{Instrument, error, info_span, warn};
use uuid::Uuid;

use super::busy::Busy;
use super::retry::RetryPolicy;
use super::{DeliveryJob, batch, privacy};
use crate::db::{Db, is_unavailable, now};
use crate::deliveries::fresh::Fresh;
use crate::deliveries::store::{self as deliveries, AfterFailure};
use crate::sync::publisher::Publisher;
use crate::telemetry::metrics::names;

/// One delivery may take this long; then the attempt has failed.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(20);

/// How long to leave a delivery alone when the database is away.
const OUTAGE_PAUSE: TimeDelta = TimeDelta::seconds(2);

/// What processing needs.
#[derive(Debug)]
pub struct Processor {
    /// Where orders live.
    pub db: Db,
    /// Deliveries that need not be loaded.
    pub fresh: Fresh,
    /// Told of jobs that start and end.
    pub busy: Busy,
    /// Told of every committed change.
    pub publisher: Publisher,
    /// Fee tiers in force.
    pub tiers: ShippingTiers,
    /// What failures lead to.
    pub retry: RetryPolicy,
}

/// Processes a job's deliveries, all in one transaction if nothing is wrong
/// with them. If something is, each gets an attempt of its own: a bad one does
/// not fail its neighbours.
pub async fn process_job(processor: &Processor, job: &DeliveryJob) {
    let _running = processor.busy.start();
    let ids = &job.delivery_ids;
    if let [id] = ids.as_slice() {
        return attempt(processor, *id).await;
    }
    let span = info_span!("deliveries", count = ids.len());
    match bounded(batch::process(processor, ids))
        .instrument(span)
        .await
    {
        Ok(rest) => {
            for id in rest {
                attempt(processor, id).await;
            }
        }
        // A lock somebody holds too long looks like an outage, but is the
        // trouble of one delivery.
        Err(failure) if processor.db.ping().await.is_err() => {
            warn!(error = %failure, "the database is away; no attempt counts");
            let until = now() + OUTAGE_PAUSE;
            if let Err(error) = deliveries::postpone(&processor.db, ids, until).await {
                warn!(%error, "claims will run out by themselves");
            }
        }
        Err(failure) => {
            warn!(error = %failure, "a batch failed; trying its deliveries one by one");
            for &id in ids {
                attempt(processor, id).await;
            }
        }
    }
}

/// One attempt at one delivery, however it ends.
async fn attempt(processor: &Processor, id: Uuid) {
    let span = info_span!("delivery", delivery.id = %id);
    let work = async {
        match batch::process(processor, &[id]).await?.as_slice() {
            [] => Ok(()),
            rest => {
                for &id in rest {
                    privacy::process(processor, id).await?;
                }
                Ok(())
            }
        }
    };
    let recorded = async {
        let Err(failure) = bounded(work).await else {
            return;
        };
        if let Err(error) = record_failure(processor, id, &failure).await {
            // The claim runs out and the delivery is dispatched again.
            warn!(%error, "could not record a failed attempt");
        }
    };
    recorded.instrument(span).await;
}

/// Neither hangs nor panics.
async fn bounded<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let work = AssertUnwindSafe(work).catch_unwind();
    match tokio::time::timeout(ATTEMPT_TIMEOUT, work).await {
        Ok(Ok(result)) => result,
        Ok(Err(_panic)) => Err(anyhow::anyhow!("the processor panicked")),
        Err(_elapsed) => Err(TimedOut.into()),
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
    if is_outage(processor, failure).await {
        warn!(error = %failure, "the database is away; the attempt does not count");
        return deliveries::postpone(&processor.db, &[id], now() + OUTAGE_PAUSE).await;
    }
    counter!(names::ATTEMPTS_FAILED).increment(1);
    let message = format!("{failure:#}");
    let verdict = deliveries::record_failure(&processor.db, id, &message, |attempts| {
        processor.retry.after(attempts, now())
    })
    .await?;
    match verdict {
        Some(AfterFailure::Dead) => {
            counter!(names::DIED).increment(1);
            error!(error = message, "delivery is dead");
        }
        Some(AfterFailure::RetryAt(time)) => warn!(error = message, %time, "attempt failed"),
        None => {}
    }
    Ok(())
}

/// The database was at fault, not the delivery.
async fn is_outage(processor: &Processor, failure: &anyhow::Error) -> bool {
    match failure.downcast_ref::<DbErr>() {
        Some(error) => is_unavailable(error),
        // What hung may have hung on the database.
        None => failure.is::<TimedOut>() && processor.db.ping().await.is_err(),
    }
}
