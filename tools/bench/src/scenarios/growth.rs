//! Whether a full database is slower than an empty one.

use sqlx::AssertSqlSafe;

use super::ack::acknowledged;
use super::pipeline::through;
use super::reads;
use crate::context::{Context, Running};
use crate::payload::Size;
use crate::record::{Clock, Outcome};
use crate::services::Database;

/// Loads `bench.rows` orders.
const LOAD: &str = include_str!("../../sql/load.sql");

/// Fills a database, and leaves it as one that grew over time would be:
/// vacuumed, and with statistics.
async fn load(database: &Database, rows: u64) -> anyhow::Result<()> {
    let script = format!("SET bench.rows = {rows};\n{LOAD}");
    let mut connection = database.pool.acquire().await?;
    for statement in [script.as_str(), "VACUUM ANALYZE", "CHECKPOINT"] {
        sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Pipeline and acknowledgement on whatever is stored already.
async fn costs(
    context: &Context,
    running: &Running,
    name: &str,
    outcome: &mut Outcome,
) -> anyhow::Result<(f64, f64)> {
    let count = context.scale(100_000, 4_000);
    let found = through(
        context,
        running,
        &format!("growth, {name}"),
        Size::Minimal,
        count,
        0,
    )
    .await?;
    outcome.phases.push(found.phase.clone());
    outcome.detail(&format!("pipeline.{name}"), &found);
    let ack = acknowledged(running, context.scale(20_000, 2_000), 10_000_000).await?;
    outcome.detail(&format!("ack.{name}"), ack);
    Ok((found.rate, ack.p99))
}

/// Runs the scenario.
pub async fn run(context: &Context) -> anyhow::Result<Outcome> {
    let mut outcome = Outcome::default();
    let running = context.start("growth_empty").await?;
    let (empty_rate, empty_ack) = costs(context, &running, "empty", &mut outcome).await?;
    context.finish(running).await?;

    let rows = context.full.unwrap_or(context.scale(1_000_000, 50_000));
    let database = context.migrated("growth_full").await?;
    let clock = Clock::start(context.services.watch);
    load(&database, rows).await?;
    outcome.phases.push(clock.stop("growth, loading"));
    let running = context.start_on("growth_full", database).await?;
    let clock = running.clock();
    reads::measure(context, &running.server, rows, &mut outcome).await?;
    outcome.phases.push(clock.stop("growth, reads"));
    let cursor = reads::cursor(&running.server).await?;
    let (full_rate, full_ack) = costs(context, &running, "full", &mut outcome).await?;
    let clock = running.clock();
    reads::measure_behind(context, &running.server, &cursor, &mut outcome).await?;
    outcome.phases.push(clock.stop("growth, reads behind"));
    context.finish(running).await?;

    outcome.set("growth.pipeline", 100.0 * full_rate / empty_rate);
    outcome.set("growth.ack", 100.0 * full_ack / empty_ack);
    Ok(outcome)
}
