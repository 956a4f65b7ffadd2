//! Whether a full database is slower than an empty one.

use sqlx::AssertSqlSafe;

use super::pipeline::run_pipeline;
use super::{ack, reads};
use crate::context::{Context, Fixture};
use crate::outcome::{Outcome, PhaseTimer};
use crate::payload::Size;
use crate::services::Database;

/// Inserts `bench.rows` orders.
const INSERT_ORDERS: &str = include_str!("../../sql/load.sql");

/// Fills a database, and leaves it in the state of one that grew over time:
/// vacuumed, and with statistics.
async fn fill(database: &Database, rows: u64) -> anyhow::Result<()> {
    let script = format!("SET bench.rows = {rows};\n{INSERT_ORDERS}");
    let mut connection = database.pool.acquire().await?;
    for statement in [script.as_str(), "VACUUM ANALYZE", "CHECKPOINT"] {
        sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Measures pipeline and acknowledgement on the current database; returns webhooks a
/// second, and the 99th percentile of acknowledgement in milliseconds.
async fn measure(
    context: &Context,
    fixture: &Fixture,
    name: &str,
    outcome: &mut Outcome,
) -> anyhow::Result<(f64, f64)> {
    let count = context.scale(100_000, 4_000);
    let result = run_pipeline(
        context,
        fixture,
        &format!("growth, {name}"),
        Size::Minimal,
        count,
        0,
    )
    .await?;
    outcome.phases.push(result.phase.clone());
    outcome.detail(&format!("pipeline.{name}"), &result);
    let latency = ack::measure(fixture, context.scale(20_000, 2_000), 10_000_000).await?;
    outcome.detail(&format!("ack.{name}"), latency);
    Ok((result.rate, latency.p99))
}

/// Runs the scenario.
pub async fn run(context: &Context) -> anyhow::Result<Outcome> {
    let mut outcome = Outcome::default();
    let fixture = context.start("growth_empty").await?;
    let (empty_rate, empty_ack) = measure(context, &fixture, "empty", &mut outcome).await?;
    context.tear_down(fixture).await?;

    let rows = context.full.unwrap_or(context.scale(1_000_000, 50_000));
    let database = context.migrated("growth_full").await?;
    let timer = PhaseTimer::start(context.services.processes);
    fill(&database, rows).await?;
    outcome.phases.push(timer.stop("growth, loading"));
    let fixture = context.start_on("growth_full", database).await?;
    let timer = fixture.start_phase();
    reads::measure(context, &fixture.server, rows, &mut outcome).await?;
    outcome.phases.push(timer.stop("growth, reads"));
    let cursor = reads::cursor(&fixture.server).await?;
    let (full_rate, full_ack) = measure(context, &fixture, "full", &mut outcome).await?;
    let timer = fixture.start_phase();
    reads::measure_behind(context, &fixture.server, &cursor, &mut outcome).await?;
    outcome.phases.push(timer.stop("growth, reads behind"));
    context.tear_down(fixture).await?;

    outcome.set("growth.pipeline", 100.0 * full_rate / empty_rate);
    outcome.set("growth.ack", 100.0 * full_ack / empty_ack);
    Ok(outcome)
}
