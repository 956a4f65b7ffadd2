//! Whether the server's memory grows in a long run.

use super::pipeline::run_pipeline;
use crate::context::Context;
use crate::outcome::Outcome;
use crate::payload::Size;

/// Parts of the run; memory is measured after each.
const PARTS: u64 = 10;

/// Runs the scenario.
#[expect(clippy::cast_precision_loss, reason = "bytes stay far below 2^52")]
pub async fn run(context: &Context) -> anyhow::Result<Outcome> {
    let fixture = context.start("memory").await?;
    let count = context.long_run.unwrap_or(context.scale(1_000_000, 50_000));
    let part = count / PARTS;
    let megabytes = |bytes: u64| bytes as f64 / 1_000_000.0;
    let mut sizes = vec![megabytes(fixture.server.memory())];
    let mut rates = Vec::new();
    let timer = fixture.start_phase();
    for number in 0..PARTS {
        let first = number * part;
        let result = run_pipeline(context, &fixture, "memory", Size::Minimal, part, first).await?;
        rates.push(result.rate);
        sizes.push(megabytes(fixture.server.memory()));
    }
    let mut outcome = Outcome::default();
    outcome.phases.push(timer.stop("memory"));
    let last = sizes.last().copied().unwrap_or_default();
    outcome.set("memory.end", last);
    outcome.set("memory.peak", megabytes(fixture.server.peak_memory()));
    outcome.set("memory.growth", last - sizes[1]);
    outcome.detail("megabytes", sizes);
    outcome.detail("rates", rates);
    context.tear_down(fixture).await?;
    Ok(outcome)
}
