//! The complete processing of a webhook: accepted, applied, and received by a
//! dashboard. Webhooks are sent in closed loop, and the time runs until the last
//! one was processed.

use std::sync::Arc;

use anyhow::Context as _;
use serde::Serialize;

use crate::completion::OrderTracker;
use crate::context::{Context, Fixture, TIMEOUT};
use crate::load::{self, Summary};
use crate::outcome::{Outcome, Phase};
use crate::payload::Size;
use crate::server::SECRET;
use crate::webhook::{Lifecycle, Webhooks};

/// The result of a run through the pipeline.
#[derive(Debug, Serialize)]
pub struct PipelineResult {
    /// The number of webhooks.
    pub webhooks: u64,
    /// Webhooks a second, until the last was applied and received.
    pub rate: f64,
    /// Seconds until the last was applied and received.
    pub seconds: f64,
    /// Orders whose last status was never received.
    pub unseen: u64,
    /// The responses to the webhooks.
    pub accepted: Summary,
    /// Time and processor usage.
    pub phase: Phase,
}

/// Sends `count` webhooks, about orders from `first_order` on, and waits until they
/// were processed.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
pub async fn run_pipeline(
    context: &Context,
    fixture: &Fixture,
    name: &str,
    size: Size,
    count: u64,
    first_order: u64,
) -> anyhow::Result<PipelineResult> {
    let webhooks = Webhooks::new(SECRET, size, Lifecycle::PlacedAndPaid, first_order);
    let count = webhooks.round_up(count);
    let server = &fixture.server;
    let tracker = OrderTracker::connect(&server.url(), &webhooks, count).await?;
    let timer = fixture.start_phase();
    let sent = load::closed(
        server.address,
        context.connections,
        0..count,
        Arc::new(webhooks),
    )
    .await?;
    let completion = tracker.wait(server, TIMEOUT).await?;
    let phase = timer.stop(name);
    let start = sent.since.context("nothing was sent")?;
    let seconds = (completion.at - start).as_secs_f64();
    Ok(PipelineResult {
        webhooks: count,
        rate: count as f64 / seconds,
        seconds,
        unseen: completion.unseen,
        accepted: sent.all_accepted()?.summary(),
        phase,
    })
}

/// Runs the scenario.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
pub async fn run(context: &Context) -> anyhow::Result<Outcome> {
    let mut outcome = Outcome::default();
    let mut unseen = 0;
    for (name, size, count) in [
        ("minimal", Size::Minimal, context.scale(200_000, 8_000)),
        ("real", Size::Real, context.scale(80_000, 4_000)),
    ] {
        let fixture = context.start(&format!("pipeline_{name}")).await?;
        let result = run_pipeline(
            context,
            &fixture,
            &format!("pipeline, {name}"),
            size,
            count,
            0,
        )
        .await?;
        outcome.set(&format!("pipeline.{name}"), result.rate);
        unseen += result.unseen;
        outcome.phases.push(result.phase.clone());
        outcome.detail(name, &result);
        context.tear_down(fixture).await?;
    }
    outcome.set("pipeline.unseen", unseen as f64);
    Ok(outcome)
}
