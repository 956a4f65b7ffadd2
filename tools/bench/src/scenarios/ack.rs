//! The latency of acknowledging a webhook at 1,000 a second, while the server
//! applies them.

use std::sync::Arc;

use super::accept::WARM_UP_ORDER;
use crate::completion::wait_until_applied;
use crate::context::{Context, Fixture, TIMEOUT};
use crate::latency::Quantiles;
use crate::load;
use crate::outcome::Outcome;
use crate::payload::Size;
use crate::server::SECRET;
use crate::webhook::{Lifecycle, Webhooks};

/// Enough connections for times of slow responses.
const CONNECTIONS: usize = 64;

/// Webhooks a second.
const RATE: f64 = 1_000.0;

/// Sends `count` webhooks at that rate, about orders from `first_order` on.
pub async fn measure(fixture: &Fixture, count: u64, first_order: u64) -> anyhow::Result<Quantiles> {
    let address = fixture.server.address;
    let first = first_order + WARM_UP_ORDER;
    let warm = Webhooks::new(SECRET, Size::Minimal, Lifecycle::Placed, first);
    load::open(address, CONNECTIONS, RATE, 0..1_000, Arc::new(warm), |_| {}).await?;
    wait_until_applied(&fixture.server, TIMEOUT).await?;
    let webhooks = Webhooks::new(SECRET, Size::Minimal, Lifecycle::PlacedAndPaid, first_order);
    let count = webhooks.round_up(count);
    let webhooks = Arc::new(webhooks);
    let sent = load::open(address, CONNECTIONS, RATE, 0..count, webhooks, |_| {}).await?;
    Ok(sent.all_accepted()?.summary().latency)
}

/// Runs the scenario.
pub async fn run(context: &Context) -> anyhow::Result<Outcome> {
    let fixture = context.start("ack").await?;
    let timer = fixture.start_phase();
    let latency = measure(&fixture, context.scale(30_000, 2_000), 0).await?;
    let mut outcome = Outcome::default();
    outcome.phases.push(timer.stop("ack"));
    outcome.latency("ack", latency);
    context.tear_down(fixture).await?;
    Ok(outcome)
}
