//! A bare axum server on its own: the signature is verified, and that is all.

use std::sync::Arc;

use crate::bare::start;
use crate::context::Context;
use crate::load;
use crate::payload::Size;
use crate::record::{Clock, Outcome};
use crate::server::SECRET;
use crate::usage::Watch;
use crate::webhook::{Story, Webhooks};

/// Runs the scenario.
pub async fn run(context: &Context) -> anyhow::Result<Outcome> {
    let server = start(context, "bare-http").await?;
    let watch = Watch {
        server: Some(server.pid),
        ..Watch::default()
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
        let webhooks = Arc::new(Webhooks::new(SECRET, size, Story::Placed, 0));
        let clock = Clock::start(watch);
        let sent = load::closed(server.address, context.connections, 0..count, webhooks).await?;
        outcome.phases.push(clock.stop(id));
        let found = sent.all_accepted()?.summary();
        outcome.set(&format!("{id}.rate"), found.rate);
        outcome.detail(id, found);
    }
    server.stop().await?;
    Ok(outcome)
}
