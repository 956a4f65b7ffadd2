//! Thousands of dashboards: everyone is served, and soon.

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value, json};

use super::accept::WARM_UP;
use crate::context::{Context, PATIENCE, Running};
use crate::latency::Quantiles;
use crate::load;
use crate::payload::Size;
use crate::record::{Outcome, Phase};
use crate::server::SECRET;
use crate::swarm::{Board, Swarm};
use crate::webhook::{Story, Webhooks};
use crate::witness::applied;

/// Connections that webhooks are sent over.
const SENDERS: usize = 16;

/// Who listens to what.
#[derive(Debug)]
pub struct Crowd {
    /// Names the phase.
    pub name: &'static str,
    /// Clients.
    pub clients: usize,
    /// Threads they are spread over.
    pub threads: usize,
    /// What they ask for.
    pub auth: Value,
    /// Orders a second.
    pub rate: f64,
    /// Orders in all.
    pub orders: u64,
}

/// How they were served.
#[derive(Debug, Serialize)]
pub struct Served {
    /// Milliseconds from sending a webhook until a client had the order.
    pub delay: Quantiles,
    /// Clients who heard of every order, in per cent.
    pub in_full: f64,
    /// Events a client got, on average.
    pub events: f64,
    /// Bytes of server memory a connected client took.
    pub bytes_per_client: f64,
    /// What it cost.
    pub phase: Phase,
}

/// Lets a crowd listen while webhooks are sent.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
pub async fn serve(running: &Running, crowd: &Crowd) -> anyhow::Result<Served> {
    let server = &running.server;
    let warm = Webhooks::new(SECRET, Size::Minimal, Story::Placed, WARM_UP);
    load::closed(server.address, SENDERS, 0..500, Arc::new(warm)).await?;
    applied(server, PATIENCE).await?;

    let webhooks = Webhooks::new(SECRET, Size::Minimal, Story::Placed, 0);
    let orders = usize::try_from(crowd.orders)?;
    let board = Arc::new(Board::new(webhooks.first_id(), orders));
    let before = server.memory();
    let (clients, threads) = (crowd.clients, crowd.threads);
    let swarm = Swarm::connect(server.address, clients, threads, &crowd.auth, &board).await?;
    let after = server.memory();

    let clock = running.clock();
    let note = {
        let board = Arc::clone(&board);
        move |ticket: crate::schedule::Ticket| board.sent(ticket.number, ticket.due)
    };
    let numbers = 0..crowd.orders;
    let webhooks = Arc::new(webhooks);
    load::open(server.address, SENDERS, crowd.rate, numbers, webhooks, note)
        .await?
        .all_accepted()?;
    swarm.hears(crowd.orders * clients as u64).await;
    let phase = clock.stop(crowd.name);
    let heard = swarm.finish()?;
    let full = heard.orders.iter().filter(|count| **count >= crowd.orders);
    Ok(Served {
        delay: heard.latencies.quantiles(),
        in_full: 100.0 * full.count() as f64 / clients as f64,
        events: heard.events as f64 / clients as f64,
        bytes_per_client: after.saturating_sub(before) as f64 / clients as f64,
        phase,
    })
}

/// Runs the scenario.
pub async fn run(context: &Context) -> anyhow::Result<Outcome> {
    let clients = usize::try_from(context.scale(5_000, 500))?;
    let mut outcome = Outcome::default();

    let crowd = Crowd {
        name: "fanout",
        clients,
        threads: 2,
        auth: json!({}),
        rate: 5.0,
        orders: context.scale(100, 25),
    };
    let running = context.start(crowd.name).await?;
    let served = serve(&running, &crowd).await?;
    context.finish(running).await?;
    outcome.latency("fanout", served.delay);
    outcome.set("fanout.served", served.in_full);
    outcome.set("fanout.memory", served.bytes_per_client / 1_000.0);
    outcome.phases.push(served.phase.clone());
    outcome.detail("single", &served);

    let crowd = Crowd {
        name: "fanout_batch",
        auth: json!({"batch": true}),
        rate: 100.0,
        orders: context.scale(2_000, 300),
        ..crowd
    };
    let running = context.start(crowd.name).await?;
    let served = serve(&running, &crowd).await?;
    context.finish(running).await?;
    outcome.set("fanout.batch_max", served.delay.max);
    outcome.set("fanout.batch_served", served.in_full);
    outcome.phases.push(served.phase.clone());
    outcome.detail("batch", &served);
    Ok(outcome)
}
