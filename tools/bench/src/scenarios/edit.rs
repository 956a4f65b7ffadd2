//! People editing: 32 writers, each on an order of their own, each edit made on
//! the version the one before left.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use futures::future::try_join_all;
use serde::Deserialize;

use crate::context::{Context, PATIENCE};
use crate::http::Connection;
use crate::latency::Latencies;
use crate::load;
use crate::payload::Size;
use crate::record::Outcome;
use crate::server::{SECRET, Server};
use crate::webhook::{Story, Webhooks};
use crate::witness::applied;

/// Writers at the same time.
const WRITERS: usize = 32;

/// Orders to choose from.
const ORDERS: u64 = 1_000;

/// An order, as far as an editor needs it.
#[derive(Debug, Deserialize)]
struct Order {
    id: String,
    version: i64,
}

#[derive(Deserialize)]
struct Page {
    data: Vec<Order>,
}

/// Edits one order until the time is up.
async fn edit(
    mut connection: Connection,
    mut order: Order,
    until: Instant,
) -> anyhow::Result<Latencies> {
    let mut latencies = Latencies::default();
    while Instant::now() < until {
        let body = format!("{{\"notes\":\"seen {} times\"}}", order.version);
        let request = format!(
            "PUT /orders/{} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
             if-match: \"{}\"\r\ncontent-length: {}\r\n\r\n{body}",
            order.id,
            order.version,
            body.len(),
        );
        let since = Instant::now();
        let answer = connection.exchange(request.as_bytes()).await?;
        latencies.record(since.elapsed());
        let saved: Order = match answer.status {
            200 => serde_json::from_slice(answer.body)?,
            status => bail!("{status}: {}", String::from_utf8_lossy(answer.body)),
        };
        if saved.version != order.version + 1 {
            bail!("version {} after {}", saved.version, order.version);
        }
        order = saved;
    }
    Ok(latencies)
}

async fn some_orders(server: &Server) -> anyhow::Result<Vec<Order>> {
    let webhooks = Webhooks::new(SECRET, Size::Minimal, Story::Placed, 0);
    let webhooks = Arc::new(webhooks);
    load::closed(server.address, WRITERS, 0..ORDERS, webhooks)
        .await?
        .all_accepted()?;
    applied(server, PATIENCE).await?;
    let mut connection = Connection::open(server.address).await?;
    let answer = connection.get(&format!("/orders?limit={WRITERS}")).await?;
    let page: Page = serde_json::from_slice(answer.body).context("orders")?;
    Ok(page.data)
}

/// Runs the scenario.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
pub async fn run(context: &Context) -> anyhow::Result<Outcome> {
    let running = context.start("edit").await?;
    let server = &running.server;
    let orders = some_orders(server).await?;
    let connections = (0..orders.len()).map(|_| Connection::open(server.address));
    let connections = try_join_all(connections).await?;

    let clock = running.clock();
    let start = Instant::now();
    let until = start + Duration::from_secs(context.scale(20, 2));
    let writers = connections.into_iter().zip(orders);
    let writers: Vec<_> = writers
        .map(|(connection, order)| tokio::spawn(edit(connection, order, until)))
        .collect();
    let mut all = Latencies::default();
    for latencies in try_join_all(writers).await? {
        all.merge(&latencies?);
    }
    let seconds = start.elapsed().as_secs_f64();

    let mut outcome = Outcome::default();
    outcome.phases.push(clock.stop("edit"));
    outcome.set("edit.rate", all.count() as f64 / seconds);
    outcome.latency("edit", all.quantiles());
    context.finish(running).await?;
    Ok(outcome)
}
