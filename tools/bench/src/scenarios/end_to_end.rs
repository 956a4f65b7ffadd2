//! From sending a webhook until dashboards have the order.

use serde_json::json;

use super::fanout::{Crowd, serve};
use crate::context::Context;
use crate::record::Outcome;

/// Runs the scenario.
pub async fn run(context: &Context) -> anyhow::Result<Outcome> {
    let crowd = Crowd {
        name: "e2e",
        clients: 100,
        threads: 1,
        auth: json!({}),
        rate: 200.0,
        orders: context.scale(6_000, 600),
    };
    let running = context.start(crowd.name).await?;
    let served = serve(&running, &crowd).await?;
    let mut outcome = Outcome::default();
    outcome.latency("e2e", served.delay);
    outcome.phases.push(served.phase.clone());
    outcome.detail("served", &served);
    context.finish(running).await?;
    Ok(outcome)
}
