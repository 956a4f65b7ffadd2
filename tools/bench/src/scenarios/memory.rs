//! Whether a long run costs memory.

use super::pipeline::through;
use crate::context::Context;
use crate::payload::Size;
use crate::record::Outcome;

/// Parts of the run, with a look at the memory after each.
const PARTS: u64 = 10;

/// Runs the scenario.
#[expect(clippy::cast_precision_loss, reason = "bytes stay far below 2^52")]
pub async fn run(context: &Context) -> anyhow::Result<Outcome> {
    let running = context.start("memory").await?;
    let count = context.long_run.unwrap_or(context.scale(1_000_000, 50_000));
    let part = count / PARTS;
    let megabytes = |bytes: u64| bytes as f64 / 1_000_000.0;
    let mut sizes = vec![megabytes(running.server.memory())];
    let mut rates = Vec::new();
    let clock = running.clock();
    for number in 0..PARTS {
        let first = number * part;
        let found = through(context, &running, "memory", Size::Minimal, part, first).await?;
        rates.push(found.rate);
        sizes.push(megabytes(running.server.memory()));
    }
    let mut outcome = Outcome::default();
    outcome.phases.push(clock.stop("memory"));
    let last = sizes.last().copied().unwrap_or_default();
    outcome.set("memory.end", last);
    outcome.set("memory.peak", megabytes(running.server.peak_memory()));
    outcome.set("memory.growth", last - sizes[1]);
    outcome.detail("megabytes", sizes);
    outcome.detail("rates", rates);
    context.finish(running).await?;
    Ok(outcome)
}
