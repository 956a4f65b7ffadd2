//! Thousands of deliveries are pending when the server starts.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use serde_json::json;
use simulator::{DEFAULT_SHOP, Delivery};
use sqlx::PgPool;
use uuid::Uuid;

use crate::environment::Settings;
use crate::environment::setup::Setup;
use crate::report::Outcome;
use crate::services::temp_dir::TempDir;

/// The number of pending deliveries of each order, in random order.
const DELIVERIES_PER_ORDER: usize = 10;

/// Rows per statement.
const CHUNK: usize = 1_000;

const INSERT: &str = "
    INSERT INTO deliveries (id, source, shop, webhook_id, topic, triggered_at, received_at,
                            state, attempts, due_at, payload)
    SELECT id, 'shopify', $1, webhook_id, 'orders/updated', triggered_at, now(),
           'pending', 0, now(), payload
    FROM UNNEST($2::uuid[], $3::text[], $4::timestamptz[], $5::bytea[])
         AS row (id, webhook_id, triggered_at, payload)";

/// Inserts them into the inbox, starts the server, and sends new webhooks.
pub async fn run(settings: &Settings, temp_dir: &TempDir) -> anyhow::Result<Outcome> {
    let mut setup = Setup::on_postgres(settings, temp_dir, 0).await?;
    setup.migrate(settings).await?;
    let backlog = deliveries(settings.pick(20_000, 2_000));
    let pool = setup.database.as_postgres()?;
    for chunk in backlog.chunks(CHUNK) {
        insert(pool, chunk).await?;
    }
    setup.add_instances(settings, temp_dir, 1).await?;
    let environment = setup.start(settings).await?;
    for delivery in backlog {
        environment.load.log().record_stored(delivery);
    }
    environment.load.wait_for_acknowledged(50).await?;
    environment.finish().await
}

fn deliveries(count: usize) -> Vec<Delivery> {
    let now = Utc::now().trunc_subsecs(0);
    let mut backlog: Vec<Delivery> = (0..count)
        .map(|index| {
            delivery(
                index / DELIVERIES_PER_ORDER,
                index % DELIVERIES_PER_ORDER,
                now,
            )
        })
        .collect();
    backlog.shuffle(&mut StdRng::seed_from_u64(1));
    backlog
}

/// A small but complete payload, so that the newest one determines the order.
fn delivery(order: usize, number: usize, now: DateTime<Utc>) -> Delivery {
    let (order, number) = (order as u64, number as i64);
    let updated_at = now - TimeDelta::days(1) + TimeDelta::seconds(number);
    let body = json!({
        "id": 950_000_001 + order,
        "name": format!("#{order}"),
        "created_at": now - TimeDelta::days(2),
        "updated_at": updated_at,
        "cancelled_at": null,
        "financial_status": if number % 2 == 0 { "pending" } else { "paid" },
        "fulfillment_status": null,
        "fulfillments": [],
        "currency": "EUR",
        "total_price": format!("{}.50", 10 + number),
        "line_items": [{"quantity": 1 + number}],
        "customer": null,
    });
    Delivery {
        topic: "orders/updated",
        shop: DEFAULT_SHOP.to_owned(),
        webhook_id: Uuid::new_v4().to_string(),
        triggered_at: updated_at,
        body: body.to_string().into_bytes(),
    }
}

async fn insert(pool: &PgPool, deliveries: &[Delivery]) -> anyhow::Result<()> {
    let ids: Vec<Uuid> = deliveries.iter().map(|_| Uuid::now_v7()).collect();
    let webhook_ids: Vec<&str> = deliveries.iter().map(|d| d.webhook_id.as_str()).collect();
    let triggered: Vec<DateTime<Utc>> = deliveries.iter().map(|d| d.triggered_at).collect();
    let payloads: Vec<&[u8]> = deliveries.iter().map(|d| d.body.as_slice()).collect();
    sqlx::query(INSERT)
        .bind(DEFAULT_SHOP)
        .bind(ids)
        .bind(webhook_ids)
        .bind(triggered)
        .bind(payloads)
        .execute(pool)
        .await?;
    Ok(())
}
