//! Deliveries that fail every time, among good ones.
//!
//! Nothing that passes the door is known to fail later; that would be a bug. So
//! triggers in the database stand in for bugs to come: one makes a payload
//! unreadable as it is stored, one makes an order impossible to write.

use std::time::Duration;

use chrono::Utc;
use simulator::{Delivery, SampleOrder};
use uuid::Uuid;

use crate::report::Outcome;
use crate::services::scratch::Scratch;
use crate::stage::{Backstage, Settings};
use crate::until::until;

/// Orders of no other drill's traffic.
const UNREADABLE: u64 = 910_001;
const UNWRITABLE: u64 = 920_001;
const EACH: u64 = 3;

const SPOIL: &str = "
    CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN NEW.payload := '\\x7b7d'; RETURN NEW; END $$;
    CREATE TRIGGER spoil BEFORE INSERT ON deliveries FOR EACH ROW
        WHEN (NEW.webhook_id LIKE 'unreadable-%') EXECUTE FUNCTION spoil();
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'this order cannot be written'; END $$;
    CREATE TRIGGER refuse BEFORE INSERT ON orders FOR EACH ROW
        WHEN (NEW.shopify_order_id BETWEEN 920001 AND 929999) EXECUTE FUNCTION refuse();";

/// Each dies after three attempts; nobody else notices.
pub async fn run(settings: &Settings, scratch: &Scratch) -> anyhow::Result<Outcome> {
    let backstage = Backstage::on_postgres(settings, scratch, 2).await?;
    let pool = backstage.database.as_postgres()?.clone();
    sqlx::raw_sql(SPOIL).execute(&pool).await?;
    let mut stage = backstage.raise(settings).await?;
    stage.warm_up().await?;
    for number in 0..EACH {
        for (kind, first) in [("unreadable", UNREADABLE), ("unwritable", UNWRITABLE)] {
            let delivery = poisoned(kind, first + number);
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

fn poisoned(kind: &str, order: u64) -> Delivery {
    let id = format!("{kind}-{}", Uuid::new_v4());
    SampleOrder::new(order)
        .updated_at(Utc::now())
        .to_delivery("orders/create", &id)
}

/// The attempts every dead delivery had.
async fn dead(pool: &sqlx::PgPool) -> anyhow::Result<Vec<i32>> {
    let dead = sqlx::query_scalar("SELECT attempts FROM deliveries WHERE state = 'dead'");
    Ok(dead.fetch_all(pool).await?)
}
