//! Drops the raw payloads of old deliveries, a few at a time. The rows stay, because
//! repeated webhooks are recognised by them.

use chrono::TimeDelta;
use platform::db::{Db, now};
use sea_orm::{ColumnTrait, Condition, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use tracing::info;
use uuid::Uuid;

use super::entity::{Column, Entity};
use super::store;

/// Payloads pruned by one statement: few enough not to delay webhooks.
const BATCH: u64 = 200;

/// Drops the payloads of deliveries that were finished longer ago than `retention`.
pub async fn prune_old(db: &Db, retention: TimeDelta) -> Result<(), DbErr> {
    let mut pruned = 0;
    loop {
        let batch = prune_batch(db, retention).await?;
        pruned += batch;
        if batch < BATCH {
            break;
        }
        // Other transactions get a chance to write.
        tokio::task::yield_now().await;
    }
    if pruned > 0 {
        info!(pruned, "pruned old payloads");
    }
    Ok(())
}

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
