//! Runs jobs: applies the deliveries of a job together if possible, otherwise one by
//! one, and records failed attempts.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use futures::FutureExt;
use metrics::counter;
use platform::db::{Db, is_unavailable, now};
use platform::queue::retry::{AfterFailure, RetryPolicy};
use platform::queue::worker::JobHandler;
use sea_orm::DbErr;
use tracing::{Instrument, error, info_span, warn};
use uuid::Uuid;

use crate::apply::Apply;
use crate::deliveries::store as deliveries;
use crate::in_flight::InFlight;
use crate::job::DeliveryJob;
use crate::metric_names as names;
use crate::parsed_cache::ParsedCache;

/// An attempt that takes longer than this has failed.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(20);

/// The time until the next attempt after the database was unavailable.
const OUTAGE_PAUSE: TimeDelta = TimeDelta::seconds(2);

/// Runs jobs.
pub struct DeliveryJobHandler {
    /// The database with the deliveries.
    pub db: Db,
    /// Deliveries that need not be loaded.
    pub parsed: ParsedCache,
    /// Counts running jobs.
    pub in_flight: InFlight,
    /// Applies deliveries.
    pub apply: Arc<dyn Apply>,
    /// Decides when a failed delivery is retried, and when it is dead.
    pub retry: RetryPolicy,
}

#[async_trait]
impl JobHandler<DeliveryJob> for DeliveryJobHandler {
    /// Applies a job's deliveries in one transaction. If that fails, each of them gets
    /// an attempt of its own, so that a bad delivery does not fail the others.
    async fn handle(&self, job: DeliveryJob) {
        let _running = self.in_flight.start();
        let ids = job.delivery_ids;
        if let [id] = ids.as_slice() {
            return self.attempt(*id).await;
        }
        let span = info_span!("deliveries", count = ids.len());
        let together = self.apply.apply_together(&ids, self.parsed.take(&ids));
        match bounded(together).instrument(span).await {
            Ok(rest) => {
                for id in rest {
                    self.attempt(id).await;
                }
            }
            // The ping distinguishes an outage from a lock that is held too long, which looks
            // the same but concerns only one delivery.
            Err(failure) if self.db.ping().await.is_err() => {
                warn!(error = %failure, "the database is unavailable; no attempt counts");
                let until = now() + OUTAGE_PAUSE;
                if let Err(error) = deliveries::postpone(&self.db, &ids, until).await {
                    warn!(%error, "the claims were not released and will expire");
                }
            }
            Err(failure) => {
                warn!(error = %failure, "a batch failed; trying its deliveries one by one");
                for id in ids {
                    self.attempt(id).await;
                }
            }
        }
    }
}

impl DeliveryJobHandler {
    /// One attempt at one delivery.
    async fn attempt(&self, id: Uuid) {
        let span = info_span!("delivery", delivery.id = %id);
        let work = async {
            let parsed = self.parsed.take(&[id]);
            for id in self.apply.apply_together(&[id], parsed).await? {
                self.apply.apply_alone(id).await?;
            }
            Ok(())
        };
        let recorded = async {
            let Err(failure) = bounded(work).await else {
                return;
            };
            if let Err(error) = self.record_failure(id, &failure).await {
                // The claim expires, and the delivery is dispatched again.
                warn!(%error, "could not record a failed attempt");
            }
        };
        recorded.instrument(span).await;
    }

    async fn record_failure(&self, id: Uuid, failure: &anyhow::Error) -> Result<(), DbErr> {
        if self.is_outage(failure).await {
            warn!(error = %failure, "the database is unavailable; the attempt does not count");
            return deliveries::postpone(&self.db, &[id], now() + OUTAGE_PAUSE).await;
        }
        counter!(names::ATTEMPTS_FAILED).increment(1);
        let message = format!("{failure:#}");
        let outcome = deliveries::record_failure(&self.db, id, &message, |attempts| {
            self.retry.after(attempts, now())
        })
        .await?;
        match outcome {
            Some(AfterFailure::Dead) => {
                counter!(names::DIED).increment(1);
                error!(error = message, "delivery is dead");
            }
            Some(AfterFailure::RetryAt(time)) => warn!(error = message, %time, "attempt failed"),
            None => {}
        }
        Ok(())
    }

    /// Whether the attempt failed because the database was unavailable, and not because
    /// of the delivery.
    async fn is_outage(&self, failure: &anyhow::Error) -> bool {
        match failure.downcast_ref::<DbErr>() {
            Some(error) => is_unavailable(error),
            // An attempt that timed out may have waited for the database.
            None => failure.is::<TimedOut>() && self.db.ping().await.is_err(),
        }
    }
}

/// Limits the time of an attempt to [`ATTEMPT_TIMEOUT`] and turns a panic into an error.
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
