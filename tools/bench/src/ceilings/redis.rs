//! Redis on its own: pushing jobs onto a list, many to a round trip.

use std::time::Instant;

use crate::context::Context;
use crate::record::{Clock, Outcome};
use crate::services::redis_connection;

/// Pushes in a round trip.
const BATCH: u64 = 100;

/// Bytes of a job.
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
    let clock = Clock::start(context.services.watch);
    let start = Instant::now();
    for _ in 0..count / BATCH {
        let _: () = batch.query_async(&mut connection).await?;
    }
    let mut outcome = Outcome::default();
    outcome.set(
        "ceiling.redis.rate",
        count as f64 / start.elapsed().as_secs_f64(),
    );
    outcome.phases.push(clock.stop("ceiling.redis"));
    let _: () = redis::cmd("FLUSHDB").query_async(&mut connection).await?;
    Ok(outcome)
}
