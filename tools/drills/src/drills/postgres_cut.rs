//! Connections to `PostgreSQL` are cut while transactions are under way: by the
//! database's own hand, and on the wire.

use std::time::Duration;

use tokio::time::interval;

use crate::report::Outcome;
use crate::services::scratch::Scratch;
use crate::stage::{Backstage, Settings};

/// Every this many cuts, all connections go at once, without a word.
const RESET_EVERY: usize = 5;

/// Ends whoever is in the middle of something, but not ourselves.
const TERMINATE_BUSY: &str = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND application_name <> 'drills' AND state <> 'idle'";

/// Cuts several times a second.
pub async fn run(settings: &Settings, scratch: &Scratch) -> anyhow::Result<Outcome> {
    let backstage = Backstage::on_postgres(settings, scratch, 2).await?;
    let mut stage = backstage.raise(settings).await?;
    stage.warm_up().await?;
    let mut pace = interval(Duration::from_millis(250));
    let mut cut = 0;
    for round in 1..=settings.pick(60, 20) {
        pace.tick().await;
        if round % RESET_EVERY == 0 {
            stage.wires.iter().for_each(|wires| wires.database.reset());
        } else {
            let pool = stage.database.as_postgres()?;
            let busy: i64 = sqlx::query_scalar(TERMINATE_BUSY).fetch_one(pool).await?;
            cut += busy;
        }
    }
    stage.notes.push(format!(
        "{cut} busy connections ended by the database, the rest reset"
    ));
    stage.conclude().await
}
