//! How long a webhook waits for its answer at 1,000 a second, whatever the
//! server is doing.

use std::sync::Arc;

use super::accept::WARM_UP;
use crate::context::{Context, PATIENCE, Running};
use crate::latency::Quantiles;
use crate::load;
use crate::payload::Size;
use crate::record::Outcome;
use crate::server::SECRET;
use crate::webhook::{Story, Webhooks};
use crate::witness::applied;

/// Connections enough for a slow moment.
const CONNECTIONS: usize = 64;

/// Webhooks a second.
const RATE: f64 = 1_000.0;

/// Sends `count` webhooks at the rate, about orders from `first_order` on.
pub async fn acknowledged(
    running: &Running,
    count: u64,
    first_order: u64,
) -> anyhow::Result<Quantiles> {
    let address = running.server.address;
    let first = first_order + WARM_UP;
    let warm = Webhooks::new(SECRET, Size::Minimal, Story::Placed, first);
    load::open(address, CONNECTIONS, RATE, 0..1_000, Arc::new(warm), |_| {}).await?;
    applied(&running.server, PATIENCE).await?;
    let webhooks = Webhooks::new(SECRET, Size::Minimal, Story::PlacedAndPaid, first_order);
    let count = webhooks.whole(count);
    let webhooks = Arc::new(webhooks);
    let sent = load::open(address, CONNECTIONS, RATE, 0..count, webhooks, |_| {}).await?;
    Ok(sent.all_accepted()?.summary().latency)
}

/// Runs the scenario.
pub async fn run(context: &Context) -> anyhow::Result<Outcome> {
    let running = context.start("ack").await?;
    let clock = running.clock();
    let found = acknowledged(&running, context.scale(30_000, 2_000), 0).await?;
    let mut outcome = Outcome::default();
    outcome.phases.push(clock.stop("ack"));
    outcome.latency("ack", found);
    context.finish(running).await?;
    Ok(outcome)
}
