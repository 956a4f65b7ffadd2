//! Redis alone: jobs pushed onto a list, many in a round trip.

use std::time::Instant;

use crate::context::Context;
use crate::outcome::{Outcome, PhaseTimer};
use crate::services::redis_connection;

/// Jobs in a round trip.
const BATCH: u64 = 100;

/// The size of a job in bytes.
const JOB: usize = 200;

/// Runs the scenario.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
pub async fn run(context: &Context) -> anyhow::Result<Outcome> {
    let url = context.services.redis(14).await?;
    let mut connection = redis_connection(&url).await?;
    let count = context.scale(1_000_000, 100_000);
    let mut batch = redis::pipe();
    for _ in 0..BATCH {
        batch.lpush("jobs", "x".repeat(JOB)).ignore();
    }
    let timer = PhaseTimer::start(context.services.processes);
    let start = Instant::now();
    for _ in 0..count / BATCH {
        let _: () = batch.query_async(&mut connection).await?;
    }
    let mut outcome = Outcome::default();
    outcome.set(
        "ceiling.redis.rate",
        count as f64 / start.elapsed().as_secs_f64(),
    );
    outcome.phases.push(timer.stop("ceiling.redis"));
    let _: () = redis::cmd("FLUSHDB").query_async(&mut connection).await?;
    Ok(outcome)
}
