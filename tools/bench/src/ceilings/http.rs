//! Webhooks answered by axum alone, after verifying the signature.

use std::sync::Arc;

use crate::baseline::start;
use crate::context::Context;
use crate::load;
use crate::outcome::{Outcome, PhaseTimer};
use crate::payload::Size;
use crate::server::SECRET;
use crate::usage::Processes;
use crate::webhook::{Lifecycle, Webhooks};

/// Runs the scenario.
pub async fn run(context: &Context) -> anyhow::Result<Outcome> {
    let server = start(context, "baseline-http").await?;
    let processes = Processes {
        server: Some(server.pid),
        ..Processes::default()
    };
    let mut outcome = Outcome::default();
    for (id, size, count) in [
        (
            "ceiling.http",
            Size::Minimal,
            context.scale(400_000, 20_000),
        ),
        (
            "ceiling.http_real",
            Size::Real,
            context.scale(100_000, 8_000),
        ),
    ] {
        let webhooks = Arc::new(Webhooks::new(SECRET, size, Lifecycle::Placed, 0));
        let timer = PhaseTimer::start(processes);
        let sent = load::closed(server.address, context.connections, 0..count, webhooks).await?;
        outcome.phases.push(timer.stop(id));
        let summary = sent.all_accepted()?.summary();
        outcome.set(&format!("{id}.rate"), summary.rate);
        outcome.detail(id, summary);
    }
    server.stop().await?;
    Ok(outcome)
}
