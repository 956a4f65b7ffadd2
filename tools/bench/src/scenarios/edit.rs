//! Edits by users: 32 writers, each on a different order, each edit based on the
//! version that the one before returned.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use futures::future::try_join_all;
use serde::Deserialize;

use crate::completion::wait_until_applied;
use crate::context::{Context, TIMEOUT};
use crate::http::HttpConnection;
use crate::latency::Latencies;
use crate::load;
use crate::outcome::Outcome;
use crate::payload::Size;
use crate::server::{SECRET, Server};
use crate::webhook::{Lifecycle, Webhooks};

/// Writers at the same time.
const WRITERS: usize = 32;

/// Orders in the database.
const ORDERS: u64 = 1_000;

/// The fields used of an order.
#[derive(Debug, Deserialize)]
struct Order {
    id: String,
    version: i64,
}

#[derive(Deserialize)]
struct Page {
    data: Vec<Order>,
}

/// Edits one order until the deadline.
async fn edit(
    mut connection: HttpConnection,
    mut order: Order,
    deadline: Instant,
) -> anyhow::Result<Latencies> {
    let mut latencies = Latencies::default();
    while Instant::now() < deadline {
        let body = format!("{{\"notes\":\"seen {} times\"}}", order.version);
        let request = format!(
            "PUT /orders/{} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
             if-match: \"{}\"\r\ncontent-length: {}\r\n\r\n{body}",
            order.id,
            order.version,
            body.len(),
        );
        let since = Instant::now();
        let response = connection.exchange(request.as_bytes()).await?;
        latencies.record(since.elapsed());
        let saved: Order = match response.status {
            200 => serde_json::from_slice(response.body)?,
            status => bail!("{status}: {}", String::from_utf8_lossy(response.body)),
        };
        if saved.version != order.version + 1 {
            bail!("version {} after {}", saved.version, order.version);
        }
        order = saved;
    }
    Ok(latencies)
}

/// Creates the orders, and returns one for each writer.
async fn create_orders(server: &Server) -> anyhow::Result<Vec<Order>> {
    let webhooks = Webhooks::new(SECRET, Size::Minimal, Lifecycle::Placed, 0);
    let webhooks = Arc::new(webhooks);
    load::closed(server.address, WRITERS, 0..ORDERS, webhooks)
        .await?
        .all_accepted()?;
    wait_until_applied(server, TIMEOUT).await?;
    let mut connection = HttpConnection::open(server.address).await?;
    let response = connection.get(&format!("/orders?limit={WRITERS}")).await?;
    let page: Page = serde_json::from_slice(response.body).context("orders")?;
    Ok(page.data)
}

/// Runs the scenario.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
pub async fn run(context: &Context) -> anyhow::Result<Outcome> {
    let fixture = context.start("edit").await?;
    let server = &fixture.server;
    let orders = create_orders(server).await?;
    let connections = (0..orders.len()).map(|_| HttpConnection::open(server.address));
    let connections = try_join_all(connections).await?;

    let timer = fixture.start_phase();
    let start = Instant::now();
    let deadline = start + Duration::from_secs(context.scale(20, 2));
    let writers = connections.into_iter().zip(orders);
    let writers: Vec<_> = writers
        .map(|(connection, order)| tokio::spawn(edit(connection, order, deadline)))
        .collect();
    let mut all = Latencies::default();
    for latencies in try_join_all(writers).await? {
        all.merge(&latencies?);
    }
    let seconds = start.elapsed().as_secs_f64();

    let mut outcome = Outcome::default();
    outcome.phases.push(timer.stop("edit"));
    outcome.set("edit.rate", all.count() as f64 / seconds);
    outcome.latency("edit", all.quantiles());
    context.tear_down(fixture).await?;
    Ok(outcome)
}
