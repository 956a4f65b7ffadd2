//! The whole way: accepted, applied, and seen by a dashboard. Webhooks are sent
//! as fast as they are accepted; the time runs until nothing is left to do.

use std::sync::Arc;

use anyhow::Context as _;
use serde::Serialize;

use crate::context::{Context, PATIENCE, Running};
use crate::load::{self, Summary};
use crate::payload::Size;
use crate::record::{Outcome, Phase};
use crate::server::SECRET;
use crate::webhook::{Story, Webhooks};
use crate::witness::Witness;

/// What a run through the pipeline found.
#[derive(Debug, Serialize)]
pub struct Through {
    /// Webhooks.
    pub webhooks: u64,
    /// Webhooks a second, until the last was applied and seen.
    pub rate: f64,
    /// Seconds until the last was applied and seen.
    pub seconds: f64,
    /// Orders whose last status was never seen on the socket.
    pub unseen: u64,
    /// How they were accepted.
    pub accepted: Summary,
    /// What it cost.
    pub phase: Phase,
}

/// Sends `count` webhooks through, about orders from `first_order` on.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
pub async fn through(
    context: &Context,
    running: &Running,
    name: &str,
    size: Size,
    count: u64,
    first_order: u64,
) -> anyhow::Result<Through> {
    let webhooks = Webhooks::new(SECRET, size, Story::PlacedAndPaid, first_order);
    let count = webhooks.whole(count);
    let server = &running.server;
    let witness = Witness::connect(&server.url(), &webhooks, count).await?;
    let clock = running.clock();
    let sent = load::closed(
        server.address,
        context.connections,
        0..count,
        Arc::new(webhooks),
    )
    .await?;
    let over = witness.wait(server, PATIENCE).await?;
    let phase = clock.stop(name);
    let start = sent.since.context("nothing was sent")?;
    let seconds = (over.at - start).as_secs_f64();
    Ok(Through {
        webhooks: count,
        rate: count as f64 / seconds,
        seconds,
        unseen: over.unseen,
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
        let running = context.start(&format!("pipeline_{name}")).await?;
        let found = through(
            context,
            &running,
            &format!("pipeline, {name}"),
            size,
            count,
            0,
        )
        .await?;
        outcome.set(&format!("pipeline.{name}"), found.rate);
        unseen += found.unseen;
        outcome.phases.push(found.phase.clone());
        outcome.detail(name, &found);
        context.finish(running).await?;
    }
    outcome.set("pipeline.unseen", unseen as f64);
    Ok(outcome)
}
