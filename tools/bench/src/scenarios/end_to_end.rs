//! From sending a webhook until dashboards have received the order.

use serde_json::json;

use super::fanout::{ClientGroup, measure};
use crate::context::Context;
use crate::outcome::Outcome;

/// Runs the scenario.
pub async fn run(context: &Context) -> anyhow::Result<Outcome> {
    let group = ClientGroup {
        name: "e2e",
        clients: 100,
        threads: 1,
        auth: json!({}),
        rate: 200.0,
        orders: context.scale(6_000, 600),
    };
    let fixture = context.start(group.name).await?;
    let result = measure(&fixture, &group).await?;
    let mut outcome = Outcome::default();
    outcome.latency("e2e", result.delay);
    outcome.phases.push(result.phase.clone());
    outcome.detail("served", &result);
    context.tear_down(fixture).await?;
    Ok(outcome)
}
