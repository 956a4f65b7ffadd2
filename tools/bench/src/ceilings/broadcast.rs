//! Broadcasts by socketioxide alone.

use std::sync::Arc;

use serde_json::json;

use crate::baseline::start;
use crate::clients::{Clients, SendTimes};
use crate::context::Context;
use crate::load::{self, Requests};
use crate::outcome::{Outcome, PhaseTimer};
use crate::payload::FIRST_ID;
use crate::schedule::DueRequest;
use crate::usage::Processes;

/// Orders a second.
const RATE: f64 = 5.0;

/// Requests that each broadcast an order of the usual size.
struct Emit;

impl Requests for Emit {
    fn write(&self, number: u64, out: &mut Vec<u8>) {
        let order = json!({
            "id": "0190b0a0-0000-7000-8000-000000000000",
            "shopifyOrderId": (FIRST_ID + number).to_string(),
            "name": "#000000001", "shop": "acme.myshopify.com", "status": "PENDING",
            "financialStatus": "pending", "fulfillmentStatus": null,
            "customer": {"name": null, "email": "maren.okafor@example.com"},
            "currency": "USD", "total": "128.40", "shippingFee": "5.99", "itemCount": 0,
            "trackingNumber": null, "notes": null, "version": 1,
            "placedAt": "2026-01-15T10:00:00Z", "lastExternalUpdatedAt": "2026-01-15T10:00:00Z",
            "createdAt": "2026-01-15T10:00:00.000000Z", "updatedAt": "2026-01-15T10:00:00.000000Z",
        })
        .to_string();
        out.clear();
        let head = format!(
            "POST /emit HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n\r\n",
            order.len()
        );
        out.extend_from_slice(head.as_bytes());
        out.extend_from_slice(order.as_bytes());
    }
}

/// Runs the scenario.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
pub async fn run(context: &Context) -> anyhow::Result<Outcome> {
    let server = start(context, "baseline-socket").await?;
    let processes = Processes {
        server: Some(server.pid),
        ..Processes::default()
    };
    let clients = context.scale(5_000, 500);
    let orders = context.scale(100, 25);
    let send_times = Arc::new(SendTimes::new(FIRST_ID, usize::try_from(orders)?));
    let before = server.memory();
    let many = usize::try_from(clients)?;
    let connected = Clients::connect(server.address, many, 2, &json!({}), &send_times).await?;
    let per_client = server.memory().saturating_sub(before) as f64 / clients as f64;

    let timer = PhaseTimer::start(processes);
    let on_due = {
        let send_times = Arc::clone(&send_times);
        move |request: DueRequest| send_times.record(request.number, request.due)
    };
    load::open(server.address, 4, RATE, 0..orders, Arc::new(Emit), on_due)
        .await?
        .all_accepted()?;
    connected.wait_for(orders * clients).await;
    let mut outcome = Outcome::default();
    outcome.phases.push(timer.stop("ceiling.broadcast"));
    let received = connected.disconnect()?;
    outcome.latency("ceiling.broadcast", received.latencies.quantiles());
    outcome.set("ceiling.broadcast.memory", per_client / 1_000.0);
    server.stop().await?;
    Ok(outcome)
}
