//! Broadcasts to thousands of dashboards: each must receive every order, in time.

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value, json};

use super::accept::WARM_UP_ORDER;
use crate::clients::{Clients, SendTimes};
use crate::completion::wait_until_applied;
use crate::context::{Context, Fixture, TIMEOUT};
use crate::latency::Quantiles;
use crate::load;
use crate::outcome::{Outcome, Phase};
use crate::payload::Size;
use crate::schedule::DueRequest;
use crate::server::SECRET;
use crate::webhook::{Lifecycle, Webhooks};

/// Connections that send webhooks.
const SENDERS: usize = 16;

/// A group of clients, and the load that they receive.
#[derive(Debug)]
pub struct ClientGroup {
    /// The name of the phase.
    pub name: &'static str,
    /// The number of clients.
    pub clients: usize,
    /// The number of threads that run them.
    pub threads: usize,
    /// Their `auth` when they connect.
    pub auth: Value,
    /// Orders a second.
    pub rate: f64,
    /// The number of orders.
    pub orders: u64,
}

/// What the clients received, and the cost.
#[derive(Debug, Serialize)]
pub struct FanoutResult {
    /// Milliseconds from sending a webhook until a client received the order.
    pub delay: Quantiles,
    /// The share of clients that received every order, in per cent.
    pub in_full: f64,
    /// Events received by a client, on average.
    pub events: f64,
    /// Server memory for each connected client, in bytes.
    pub bytes_per_client: f64,
    /// Time and processor usage.
    pub phase: Phase,
}

/// Connects a group of clients, and sends webhooks.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
pub async fn measure(fixture: &Fixture, group: &ClientGroup) -> anyhow::Result<FanoutResult> {
    let server = &fixture.server;
    let warm = Webhooks::new(SECRET, Size::Minimal, Lifecycle::Placed, WARM_UP_ORDER);
    load::closed(server.address, SENDERS, 0..500, Arc::new(warm)).await?;
    wait_until_applied(server, TIMEOUT).await?;

    let webhooks = Webhooks::new(SECRET, Size::Minimal, Lifecycle::Placed, 0);
    let orders = usize::try_from(group.orders)?;
    let send_times = Arc::new(SendTimes::new(webhooks.first_id(), orders));
    let before = server.memory();
    let (clients, threads) = (group.clients, group.threads);
    let connected =
        Clients::connect(server.address, clients, threads, &group.auth, &send_times).await?;
    let after = server.memory();

    let timer = fixture.start_phase();
    let on_due = {
        let send_times = Arc::clone(&send_times);
        move |request: DueRequest| send_times.record(request.number, request.due)
    };
    let numbers = 0..group.orders;
    let webhooks = Arc::new(webhooks);
    load::open(
        server.address,
        SENDERS,
        group.rate,
        numbers,
        webhooks,
        on_due,
    )
    .await?
    .all_accepted()?;
    connected.wait_for(group.orders * clients as u64).await;
    let phase = timer.stop(group.name);
    let received = connected.disconnect()?;
    let full = received
        .orders
        .iter()
        .filter(|count| **count >= group.orders);
    Ok(FanoutResult {
        delay: received.latencies.quantiles(),
        in_full: 100.0 * full.count() as f64 / clients as f64,
        events: received.events as f64 / clients as f64,
        bytes_per_client: after.saturating_sub(before) as f64 / clients as f64,
        phase,
    })
}

/// Runs the scenario.
pub async fn run(context: &Context) -> anyhow::Result<Outcome> {
    let clients = usize::try_from(context.scale(5_000, 500))?;
    let mut outcome = Outcome::default();

    let group = ClientGroup {
        name: "fanout",
        clients,
        threads: 2,
        auth: json!({}),
        rate: 5.0,
        orders: context.scale(100, 25),
    };
    let fixture = context.start(group.name).await?;
    let result = measure(&fixture, &group).await?;
    context.tear_down(fixture).await?;
    outcome.latency("fanout", result.delay);
    outcome.set("fanout.served", result.in_full);
    outcome.set("fanout.memory", result.bytes_per_client / 1_000.0);
    outcome.phases.push(result.phase.clone());
    outcome.detail("single", &result);

    let group = ClientGroup {
        name: "fanout_batch",
        auth: json!({"batch": true}),
        rate: 100.0,
        orders: context.scale(2_000, 300),
        ..group
    };
    let fixture = context.start(group.name).await?;
    let result = measure(&fixture, &group).await?;
    context.tear_down(fixture).await?;
    outcome.set("fanout.batch_max", result.delay.max);
    outcome.set("fanout.batch_served", result.in_full);
    outcome.phases.push(result.phase.clone());
    outcome.detail("batch", &result);
    Ok(outcome)
}
