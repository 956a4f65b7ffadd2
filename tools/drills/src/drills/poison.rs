//! Deliveries that fail every time, among good ones.
//!
//! Nothing that passes the door is known to fail later; that would be a bug. So
//! triggers in the database stand in for bugs to come: one refuses certain
//! orders, one their history, when most of the work is done already.

use std::time::Duration;

use chrono::Utc;
use simulator::{Delivery, SampleOrder};
use uuid::Uuid;

use crate::report::Outcome;
use crate::services::scratch::Scratch;
use crate::stage::{Backstage, Settings};
use crate::until::until;

/// Orders of no other drill's traffic.
const REFUSED: u64 = 910_000;
const WITHOUT_HISTORY: u64 = 920_000;
const EACH: u64 = 3;

const REFUSE: &str = "
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'this cannot be written'; END $$;
    CREATE FUNCTION is_without_history(id UUID) RETURNS bool LANGUAGE sql AS $$
        SELECT EXISTS (SELECT 1 FROM orders
                       WHERE orders.id = $1 AND shopify_order_id BETWEEN 920000 AND 929999) $$;
    CREATE TRIGGER refuse BEFORE INSERT ON orders FOR EACH ROW
        WHEN (NEW.shopify_order_id BETWEEN 910000 AND 919999) EXECUTE FUNCTION refuse();
    CREATE TRIGGER refuse BEFORE INSERT ON order_events FOR EACH ROW
        WHEN (is_without_history(NEW.order_id)) EXECUTE FUNCTION refuse();";

/// Each dies after three attempts; nobody else notices.
pub async fn run(settings: &Settings, scratch: &Scratch) -> anyhow::Result<Outcome> {
    let backstage = Backstage::on_postgres(settings, scratch, 2).await?;
    let pool = backstage.database.as_postgres()?.clone();
    sqlx::raw_sql(REFUSE).execute(&pool).await?;
    let mut stage = backstage.raise(settings).await?;
    stage.warm_up().await?;
    for number in 0..EACH {
        for first in [REFUSED, WITHOUT_HISTORY] {
            let delivery = poisoned(first + number);
            stage.meant_to_die.push(delivery.webhook_id.clone());
            stage.load.send(delivery).await;
            stage.load.flows(10).await?;
        }
    }
    let given_up = until(
        "the poisoned ones are dead",
        Duration::from_mins(1),
        async || {
            stage.note_waiting(stage.meant_to_die.len()).await?;
            Ok(dead(&pool).await?.len() == stage.meant_to_die.len())
        },
    );
    given_up.await?;
    if dead(&pool).await?.iter().any(|attempts| *attempts != 3) {
        stage
            .faults
            .push("a poisoned delivery did not get three attempts".to_owned());
    }
    stage.conclude().await
}

fn poisoned(order: u64) -> Delivery {
    let id = Uuid::new_v4().to_string();
    let news = SampleOrder::new(order).updated_at(Utc::now());
    news.to_delivery("orders/create", &id)
}

/// The attempts every dead delivery had.
async fn dead(pool: &sqlx::PgPool) -> anyhow::Result<Vec<i32>> {
    let dead = sqlx::query_scalar("SELECT attempts FROM deliveries WHERE state = 'dead'");
    Ok(dead.fetch_all(pool).await?)
}
