//! Webhooks accepted durably, as fast as they are answered.

use std::sync::Arc;

use crate::context::Context;
use crate::load;
use crate::payload::Size;
use crate::record::Outcome;
use crate::server::SECRET;
use crate::webhook::{Story, Webhooks};

/// Orders that warm the server up come from far away.
pub const WARM_UP: u64 = 90_000_000;

/// Runs the scenario.
pub async fn run(context: &Context) -> anyhow::Result<Outcome> {
    let running = context.start("accept").await?;
    let address = running.server.address;
    let warm = Webhooks::new(SECRET, Size::Minimal, Story::Placed, WARM_UP);
    load::closed(address, context.connections, 0..500, Arc::new(warm)).await?;

    let webhooks = Webhooks::new(SECRET, Size::Minimal, Story::PlacedAndPaid, 0);
    let count = webhooks.whole(context.scale(200_000, 10_000));
    let clock = running.clock();
    let sent = load::closed(address, context.connections, 0..count, Arc::new(webhooks)).await?;
    let phase = clock.stop("accept");
    let found = sent.all_accepted()?.summary();

    let mut outcome = Outcome::default();
    outcome.set("accept.rate", found.rate);
    outcome.latency("accept", found.latency);
    outcome.phases.push(phase);
    context.finish(running).await?;
    Ok(outcome)
}
