//! Housekeeping: old payloads and old answers go, a little at a time.

use std::time::Duration;

use chrono::TimeDelta;
use sea_orm::{ColumnTrait, Condition, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use uuid::Uuid;

use crate::db::entities::delivery::{Column, Entity};
use crate::db::{Db, now};
use crate::deliveries::store;
use crate::http::rate_limit::RateLimit;
use crate::orders::idempotency;
use crate::telemetry::metrics;

/// How often to look.
const INTERVAL: Duration = Duration::from_secs(30);

/// Payloads pruned by one statement: short enough to hold up no webhook.
const BATCH: u64 = 200;

/// Runs until shut down.
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
        rate.forget_quiet();
        metrics::upkeep();
        if let Err(error) = clean(&db, retention).await {
            warn!(%error, "housekeeping failed; it will be tried again");
        }
    }
}

async fn clean(db: &Db, retention: Option<TimeDelta>) -> Result<(), DbErr> {
    idempotency::forget_old(db).await?;
    let Some(retention) = retention else {
        return Ok(());
    };
    let mut pruned = 0;
    loop {
        let batch = prune_batch(db, retention).await?;
        pruned += batch;
        if batch < BATCH {
            break;
        }
        // Others want to write, too.
        tokio::task::yield_now().await;
    }
    if pruned > 0 {
        info!(pruned, "pruned old payloads");
    }
    Ok(())
}

/// Drops the payloads of up to [`BATCH`] deliveries finished longer ago than
/// `retention`. The rows stay: they tell repeats from news.
async fn prune_batch(db: &Db, retention: TimeDelta) -> Result<u64, DbErr> {
    let old: Vec<Uuid> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::FinishedAt.lt(now() - retention))
        .filter(Column::PayloadPrunedAt.is_null())
        .order_by_asc(Column::FinishedAt)
        .limit(BATCH)
        .into_tuple()
        .all(db.read())
        .await?;
    if old.is_empty() {
        return Ok(0);
    }
    let tx = db.begin_write().await?;
    let pruned = store::prune_payloads(&tx, Condition::all().add(Column::Id.is_in(old))).await?;
    tx.commit().await?;
    Ok(pruned)
}
