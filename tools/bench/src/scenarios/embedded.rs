//! The server with its defaults: `SQLite`, and the queue in its own process.

use super::pipeline::run_pipeline;
use crate::context::Context;
use crate::outcome::Outcome;
use crate::payload::Size;

/// Runs the scenario.
pub async fn run(context: &Context) -> anyhow::Result<Outcome> {
    let fixture = context.start_embedded("embedded").await?;
    let count = context.scale(100_000, 4_000);
    let result = run_pipeline(context, &fixture, "embedded", Size::Minimal, count, 0).await?;
    let mut outcome = Outcome::default();
    outcome.set("embedded.accept", result.accepted.rate);
    outcome.set("embedded.rate", result.rate);
    outcome.phases.push(result.phase.clone());
    outcome.detail("embedded", &result);
    context.tear_down(fixture).await?;
    std::fs::remove_dir_all(context.out.join("embedded-data"))?;
    Ok(outcome)
}
