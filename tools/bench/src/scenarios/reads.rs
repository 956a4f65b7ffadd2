//! Every REST read, at a low rate: this measures latency, not throughput.

use std::sync::Arc;

use anyhow::{Context as _, bail};
use serde_json::Value;

use crate::context::Context;
use crate::http::HttpConnection;
use crate::load::{self, Requests};
use crate::outcome::Outcome;
use crate::server::Server;

/// Reads a second, of each kind.
const RATE: f64 = 100.0;

/// Connections that send them.
const CONNECTIONS: usize = 8;

/// Requests for these paths, in turn.
struct Paths(Vec<String>);

impl Requests for Paths {
    fn write(&self, number: u64, out: &mut Vec<u8>) {
        let at = usize::try_from(number).unwrap_or_default() % self.0.len();
        out.clear();
        out.extend_from_slice(b"GET ");
        out.extend_from_slice(self.0[at].as_bytes());
        out.extend_from_slice(b" HTTP/1.1\r\nhost: localhost\r\n\r\n");
    }
}

async fn get(server: &Server, path: &str) -> anyhow::Result<Value> {
    let mut connection = HttpConnection::open(server.address).await?;
    let response = connection.get(path).await?;
    if response.status != 200 {
        let why = String::from_utf8_lossy(response.body);
        bail!("{} for {path}: {why}", response.status);
    }
    Ok(serde_json::from_slice(response.body)?)
}

/// Returns a cursor for changes from now on.
pub async fn cursor(server: &Server) -> anyhow::Result<String> {
    let changes = get(server, "/orders/changes").await?;
    Ok(text(&changes["cursor"]))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// A list for every status.
fn by_status() -> Vec<String> {
    let statuses = ["PENDING", "CONFIRMED", "SHIPPED", "DELIVERED", "CANCELLED"];
    let path = |status| format!("/orders?status={status}");
    statuses.iter().map(path).collect()
}

/// Searches for words that few, many or no orders contain.
fn by_words() -> Vec<String> {
    let words = [
        "hopper",
        "grace",
        "gra",
        "knuth%20donald",
        "20001",
        "1z55000",
        "nobody",
        "ada%20love",
    ];
    words.iter().map(|q| format!("/orders?q={q}")).collect()
}

/// Measures every read, on a database of `orders` orders.
pub async fn measure(
    context: &Context,
    server: &Server,
    orders: u64,
    outcome: &mut Outcome,
) -> anyhow::Result<()> {
    let deep = get(server, &format!("/orders?limit=1&offset={}", orders / 2)).await?;
    let deep = text(&deep["nextCursor"]);
    let some = get(server, "/orders?limit=200&sort=total").await?;
    let some = some["data"].as_array().cloned().unwrap_or_default();
    let sorts = [
        "placedAt",
        "-updatedAt",
        "updatedAt",
        "-total",
        "total",
        "-name",
        "name",
    ];
    let sorted = sorts.iter().map(|sort| format!("/orders?sort={sort}"));
    for (id, paths) in [
        ("list", vec!["/orders".to_owned()]),
        ("status", by_status()),
        ("search", by_words()),
        ("sort", sorted.collect()),
        ("deep", vec![format!("/orders?cursor={deep}")]),
        (
            "order",
            some.iter()
                .map(|order| format!("/orders/{}", text(&order["id"])))
                .collect(),
        ),
        ("stats", vec!["/orders/stats".to_owned()]),
        (
            "deliveries",
            vec![
                "/deliveries".to_owned(),
                "/deliveries?state=applied".to_owned(),
            ],
        ),
    ] {
        read(context, server, id, paths, RATE, outcome).await?;
    }
    Ok(())
}

/// Measures the reads that newer orders make slower: the changes since `cursor`,
/// which include all newer orders, and lists that contain none of them.
pub async fn measure_behind(
    context: &Context,
    server: &Server,
    cursor: &str,
    outcome: &mut Outcome,
) -> anyhow::Result<()> {
    let changes = vec![format!("/orders/changes?since={cursor}")];
    read(context, server, "changes", changes, RATE, outcome).await?;
    read(context, server, "status_behind", by_status(), RATE, outcome).await?;
    // As often as some users search: the server cannot answer more in time.
    let search_rate = RATE / 20.0;
    read(
        context,
        server,
        "search_behind",
        by_words(),
        search_rate,
        outcome,
    )
    .await
}

/// Requests paths in turn, at this rate, and records the 99th percentile.
async fn read(
    context: &Context,
    server: &Server,
    id: &str,
    paths: Vec<String>,
    rate: f64,
    outcome: &mut Outcome,
) -> anyhow::Result<()> {
    let count = if rate < RATE {
        context.scale(200, 50)
    } else {
        context.scale(1_000, 100)
    };
    let sent = load::open(
        server.address,
        CONNECTIONS,
        rate,
        0..count,
        Arc::new(Paths(paths)),
        |_| {},
    );
    let summary = sent
        .await?
        .all_accepted()
        .with_context(|| id.to_owned())?
        .summary();
    outcome.set(&format!("read.{id}"), summary.latency.p99);
    outcome.detail(&format!("read.{id}"), summary.latency);
    Ok(())
}
