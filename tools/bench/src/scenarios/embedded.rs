//! The server as it comes: `SQLite`, and the queue in its own process.

use super::pipeline::through;
use crate::context::Context;
use crate::payload::Size;
use crate::record::Outcome;

/// Runs the scenario.
pub async fn run(context: &Context) -> anyhow::Result<Outcome> {
    let running = context.start_embedded("embedded").await?;
    let count = context.scale(100_000, 4_000);
    let found = through(context, &running, "embedded", Size::Minimal, count, 0).await?;
    let mut outcome = Outcome::default();
    outcome.set("embedded.accept", found.accepted.rate);
    outcome.set("embedded.rate", found.rate);
    outcome.phases.push(found.phase.clone());
    outcome.detail("embedded", &found);
    context.finish(running).await?;
    std::fs::remove_dir_all(context.out.join("embedded-data"))?;
    Ok(outcome)
}
