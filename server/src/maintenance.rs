//! Maintenance: periodically deletes old payloads, old idempotency answers and unused
//! state, a little at a time so that requests are not delayed.

use std::time::Duration;

use chrono::TimeDelta;
use inbox::deliveries::retention;
use orders::edit::idempotency;
use platform::db::Db;
use platform::http::rate_limit::RateLimit;
use platform::telemetry::metrics;
use sea_orm::DbErr;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tracing::warn;

/// How often maintenance runs.
const INTERVAL: Duration = Duration::from_secs(30);

/// Runs until shutdown. Payloads are deleted after `retention`, or never if it is `None`.
pub async fn run(
    db: Db,
    retention: Option<TimeDelta>,
    rate: RateLimit,
    shutdown: CancellationToken,
) {
    let mut ticks = interval(INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            _ = ticks.tick() => {}
        }
        rate.forget_idle();
        metrics::upkeep();
        if let Err(error) = clean(&db, retention).await {
            warn!(%error, "maintenance failed; it will be tried again");
        }
    }
}

async fn clean(db: &Db, retention: Option<TimeDelta>) -> Result<(), DbErr> {
    idempotency::forget_old(db).await?;
    match retention {
        Some(retention) => retention::prune_old(db, retention).await,
        None => Ok(()),
    }
}
