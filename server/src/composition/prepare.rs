//! Prepares the database before anything is served: brings its schema up to date, sets the
//! clock, and resumes the work of the last process.

use std::time::Duration;

use anyhow::Context;
use inbox::DeliveryJob;
use migrations::Migrator;
use orders::feed::OrderFeed;
use platform::db::{Db, is_unavailable};
use platform::live::feed::Feed;
use platform::queue::JobQueue;
use sea_orm::DbErr;
use tokio_util::sync::CancellationToken;
use tracing::warn;

/// The first pause between attempts while the database is unavailable, which doubles each
/// time, and the longest one.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Tries to prepare until the database is available; `false` if the shutdown comes first.
pub(super) async fn prepare_with_retries(
    db: &Db,
    queue: &JobQueue<DeliveryJob>,
    shutdown: &CancellationToken,
) -> anyhow::Result<bool> {
    let mut pause = FIRST_PAUSE;
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return Ok(false),
            () = tokio::time::sleep(pause) => {}
        }
        if prepare(db, queue).await? {
            return Ok(true);
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Prepares the database; `false` if it is unavailable.
pub(super) async fn prepare(db: &Db, queue: &JobQueue<DeliveryJob>) -> anyhow::Result<bool> {
    if let Err(error) = migrate(db).await {
        if is_unavailable(&error) {
            warn!(%error, "the database is unavailable; trying again");
            return Ok(false);
        }
        return Err(error).context("migrating the database");
    }
    // Leases depend on the clock, so it is set before any delivery is claimed.
    db.set_clock().await?;
    inbox::resume(db, queue).await?;
    Ok(true)
}

/// Brings the schema up to date.
pub async fn migrate(db: &Db) -> Result<(), DbErr> {
    db.migrate::<Migrator>().await?;
    OrderFeed::EVENTS.repair_after_restore(db).await
}
