//! Every REST read, at a gentle rate: what one costs, not how many there can be.

use std::sync::Arc;

use anyhow::{Context as _, bail};
use serde_json::Value;

use crate::context::Context;
use crate::http::Connection;
use crate::load::{self, Requests};
use crate::record::Outcome;
use crate::server::Server;

/// Reads a second, of each kind.
const RATE: f64 = 100.0;

/// Connections they are made over.
const READERS: usize = 8;

/// Paths, in turn.
struct Paths(Vec<String>);

impl Requests for Paths {
    fn write(&self, number: u64, out: &mut Vec<u8>) {
        let at = usize::try_from(number).unwrap_or_default() % self.0.len();
        out.clear();
        out.extend_from_slice(b"GET ");
        out.extend_from_slice(self.0[at].as_bytes());
        out.extend_from_slice(b" HTTP/1.1\r\nhost: bench\r\n\r\n");
    }
}

async fn get(server: &Server, path: &str) -> anyhow::Result<Value> {
    let mut connection = Connection::open(server.address).await?;
    let answer = connection.get(path).await?;
    if answer.status != 200 {
        let why = String::from_utf8_lossy(answer.body);
        bail!("{} for {path}: {why}", answer.status);
    }
    Ok(serde_json::from_slice(answer.body)?)
}

/// A cursor for changes from now on.
pub async fn cursor(server: &Server) -> anyhow::Result<String> {
    let changes = get(server, "/orders/changes").await?;
    Ok(text(&changes["cursor"]))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Reads everything, on a database of so many orders, and changes since `cursor`.
pub async fn measure(
    context: &Context,
    server: &Server,
    orders: u64,
    cursor: &str,
    outcome: &mut Outcome,
) -> anyhow::Result<()> {
    let deep = get(server, &format!("/orders?limit=1&offset={}", orders / 2)).await?;
    let deep = text(&deep["nextCursor"]);
    let some = get(server, "/orders?limit=200&sort=total").await?;
    let some = some["data"].as_array().cloned().unwrap_or_default();
    let each = |path: &dyn Fn(&str) -> String, values: &[&str]| -> Vec<String> {
        values.iter().map(|value| path(value)).collect()
    };
    let statuses = ["PENDING", "CONFIRMED", "SHIPPED", "DELIVERED", "CANCELLED"];
    let sorts = [
        "placedAt",
        "-updatedAt",
        "updatedAt",
        "-total",
        "total",
        "-name",
        "name",
    ];
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
    for (id, paths) in [
        ("list", vec!["/orders".to_owned()]),
        (
            "status",
            each(&|status| format!("/orders?status={status}"), &statuses),
        ),
        ("search", each(&|q| format!("/orders?q={q}"), &words)),
        ("sort", each(&|sort| format!("/orders?sort={sort}"), &sorts)),
        ("deep", vec![format!("/orders?cursor={deep}")]),
        (
            "order",
            some.iter()
                .map(|order| format!("/orders/{}", text(&order["id"])))
                .collect(),
        ),
        ("stats", vec!["/orders/stats".to_owned()]),
        ("changes", vec![format!("/orders/changes?since={cursor}")]),
        (
            "deliveries",
            vec![
                "/deliveries".to_owned(),
                "/deliveries?state=applied".to_owned(),
            ],
        ),
    ] {
        let count = context.scale(1_000, 100);
        let sent = load::open(
            server.address,
            READERS,
            RATE,
            0..count,
            Arc::new(Paths(paths)),
            |_| {},
        );
        let found = sent.await?.all_accepted().with_context(|| id)?.summary();
        outcome.set(&format!("read.{id}"), found.latency.p99);
        outcome.detail(&format!("read.{id}"), found.latency);
    }
    Ok(())
}
