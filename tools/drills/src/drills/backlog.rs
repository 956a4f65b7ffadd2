//! Thousands of deliveries wait when the server starts.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use serde_json::json;
use simulator::{DEFAULT_SHOP, Delivery};
use sqlx::PgPool;
use uuid::Uuid;

use crate::report::Outcome;
use crate::services::scratch::Scratch;
use crate::stage::{Backstage, Settings};

/// Each order has this many deliveries waiting, in no order.
const NEWS_AN_ORDER: usize = 10;

/// Rows in one statement.
const CHUNK: usize = 1_000;

const INSERT: &str = "
    INSERT INTO deliveries (id, source, shop, webhook_id, topic, triggered_at, received_at,
                            state, attempts, due_at, payload)
    SELECT id, 'shopify', $1, webhook_id, 'orders/updated', triggered_at, now(),
           'pending', 0, now(), payload
    FROM UNNEST($2::uuid[], $3::text[], $4::timestamptz[], $5::bytea[])
         AS row (id, webhook_id, triggered_at, payload)";

/// Puts them where the inbox would have, starts the server, and watches.
pub async fn run(settings: &Settings, scratch: &Scratch) -> anyhow::Result<Outcome> {
    let mut backstage = Backstage::on_postgres(settings, scratch, 0).await?;
    backstage.migrate(settings).await?;
    let waiting = deliveries(settings.pick(20_000, 2_000));
    let pool = backstage.database.as_postgres()?;
    for chunk in waiting.chunks(CHUNK) {
        insert(pool, chunk).await?;
    }
    backstage.add_instances(settings, scratch, 1).await?;
    let stage = backstage.raise(settings).await?;
    for delivery in waiting {
        stage.load.ledger().known(delivery);
    }
    // New webhooks arrive all the while.
    stage.load.flows(50).await?;
    stage.conclude().await
}

fn deliveries(count: usize) -> Vec<Delivery> {
    let now = Utc::now().trunc_subsecs(0);
    let mut waiting: Vec<Delivery> = (0..count)
        .map(|index| delivery(index / NEWS_AN_ORDER, index % NEWS_AN_ORDER, now))
        .collect();
    waiting.shuffle(&mut StdRng::seed_from_u64(1));
    waiting
}

/// Small, but complete: the newest says all there is to say.
fn delivery(order: usize, news: usize, now: DateTime<Utc>) -> Delivery {
    let (order, news) = (order as u64, news as i64);
    let updated_at = now - TimeDelta::days(1) + TimeDelta::seconds(news);
    let body = json!({
        "id": 950_000_001 + order,
        "name": format!("#{order}"),
        "created_at": now - TimeDelta::days(2),
        "updated_at": updated_at,
        "cancelled_at": null,
        "financial_status": if news % 2 == 0 { "pending" } else { "paid" },
        "fulfillment_status": null,
        "fulfillments": [],
        "currency": "EUR",
        "total_price": format!("{}.50", 10 + news),
        "line_items": [{"quantity": 1 + news}],
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
