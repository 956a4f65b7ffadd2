//! Webhooks accepted durably, in closed loop.

use std::sync::Arc;

use crate::context::Context;
use crate::load;
use crate::outcome::Outcome;
use crate::payload::Size;
use crate::server::SECRET;
use crate::webhook::{Lifecycle, Webhooks};

/// The first order of the warm-up: far from those that are measured.
pub const WARM_UP_ORDER: u64 = 90_000_000;

/// Runs the scenario.
pub async fn run(context: &Context) -> anyhow::Result<Outcome> {
    let fixture = context.start("accept").await?;
    let address = fixture.server.address;
    let warm = Webhooks::new(SECRET, Size::Minimal, Lifecycle::Placed, WARM_UP_ORDER);
    load::closed(address, context.connections, 0..500, Arc::new(warm)).await?;

    let webhooks = Webhooks::new(SECRET, Size::Minimal, Lifecycle::PlacedAndPaid, 0);
    let count = webhooks.round_up(context.scale(200_000, 10_000));
    let timer = fixture.start_phase();
    let sent = load::closed(address, context.connections, 0..count, Arc::new(webhooks)).await?;
    let phase = timer.stop("accept");
    let summary = sent.all_accepted()?.summary();

    let mut outcome = Outcome::default();
    outcome.set("accept.rate", summary.rate);
    outcome.latency("accept", summary.latency);
    outcome.phases.push(phase);
    context.tear_down(fixture).await?;
    Ok(outcome)
}
