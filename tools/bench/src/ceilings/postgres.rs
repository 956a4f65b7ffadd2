//! `PostgreSQL` alone: the same rows in the same tables, written by batched SQL
//! without the server.

use std::time::Instant;

use futures::future::try_join_all;
use sqlx::PgPool;

use super::rows::Rows;
use crate::context::Context;
use crate::latency::{Latencies, Quantiles};
use crate::outcome::{Outcome, PhaseTimer};
use crate::payload::Size;
use crate::server::SECRET;
use crate::webhook::{Lifecycle, Webhooks};

/// Connections that write at the same time: as many as the server uses.
const CONNECTIONS: u64 = 5;

/// Rows in a batch: as many as the server's inbox commits at once.
const BATCH: u64 = 256;

/// The distance between the order numbers of two connections.
const ORDERS_APART: u64 = 10_000_000;

/// The statements to run for a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    /// Insert the delivery.
    Inbox,
    /// Write delivery, order and history once, in their final state.
    FinalState,
    /// Write the same in the steps that losing no webhook requires.
    InSteps,
}

/// Writes the webhooks of one connection.
async fn write(
    pool: PgPool,
    work: Work,
    size: Size,
    first_order: u64,
    count: u64,
) -> anyhow::Result<()> {
    let webhooks = Webhooks::new(SECRET, size, Lifecycle::PlacedAndPaid, first_order);
    let mut connection = pool.acquire().await?;
    let mut orders = Vec::new();
    for start in (0..count).step_by(usize::try_from(BATCH)?) {
        let rows = Rows::of(&webhooks, start..(start + BATCH).min(count), &mut orders)?;
        match work {
            Work::Inbox => rows.accept(&mut connection).await?,
            Work::FinalState => rows.apply(&mut connection).await?,
            Work::InSteps => rows.accept_and_apply(&mut connection).await?,
        }
    }
    Ok(())
}

/// Inserts one delivery at a time over one connection, to measure how long the disk
/// takes to store one durably.
async fn insert_one_by_one(pool: PgPool, count: u64) -> anyhow::Result<Quantiles> {
    let webhooks = Webhooks::new(SECRET, Size::Minimal, Lifecycle::Placed, 0);
    let mut connection = pool.acquire().await?;
    let mut orders = Vec::new();
    let mut latencies = Latencies::default();
    for number in 0..count {
        let rows = Rows::of(&webhooks, number..number + 1, &mut orders)?;
        let start = Instant::now();
        rows.accept(&mut connection).await?;
        latencies.record(start.elapsed());
    }
    Ok(latencies.quantiles())
}

/// Runs the scenario.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
pub async fn run(context: &Context) -> anyhow::Result<Outcome> {
    let mut outcome = Outcome::default();
    for (id, work, size, count) in [
        (
            "ceiling.inbox.rate",
            Work::Inbox,
            Size::Minimal,
            context.scale(400_000, 40_000),
        ),
        (
            "ceiling.pipeline.minimal",
            Work::FinalState,
            Size::Minimal,
            context.scale(200_000, 20_000),
        ),
        (
            "ceiling.pipeline.real",
            Work::FinalState,
            Size::Real,
            context.scale(80_000, 8_000),
        ),
        (
            "ceiling.steps.minimal",
            Work::InSteps,
            Size::Minimal,
            context.scale(200_000, 20_000),
        ),
        (
            "ceiling.steps.real",
            Work::InSteps,
            Size::Real,
            context.scale(80_000, 8_000),
        ),
    ] {
        let database = context.migrated("ceiling").await?;
        let timer = PhaseTimer::start(context.services.processes);
        let start = Instant::now();
        let share = count / CONNECTIONS;
        let workers = (0..CONNECTIONS).map(|number| {
            let pool = database.pool.clone();
            tokio::spawn(write(pool, work, size, number * ORDERS_APART, share))
        });
        for done in try_join_all(workers).await? {
            done?;
        }
        let rate = (share * CONNECTIONS) as f64 / start.elapsed().as_secs_f64();
        outcome.set(id, rate);
        outcome.phases.push(timer.stop(id));
        context.services.discard(database).await?;
    }
    let database = context.migrated("ceiling").await?;
    let timer = PhaseTimer::start(context.services.processes);
    let commits = insert_one_by_one(database.pool.clone(), context.scale(3_000, 300)).await?;
    outcome.latency("ceiling.commit", commits);
    outcome.phases.push(timer.stop("ceiling.commit"));
    context.services.discard(database).await?;
    Ok(outcome)
}
