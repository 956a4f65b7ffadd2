//! Deliveries that fail every time, among good ones.
//!
//! No accepted delivery is known to fail later; that would be a bug. So triggers in the
//! database simulate future bugs: one refuses certain orders, one their history entry, when
//! most of the work is done already.

use std::time::Duration;

use chrono::Utc;
use simulator::{Delivery, SampleOrder};
use uuid::Uuid;

use crate::environment::Settings;
use crate::environment::setup::Setup;
use crate::report::Outcome;
use crate::services::temp_dir::TempDir;
use crate::wait::wait_until;

/// The first orders that no other traffic is about, and their number.
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

/// Each must be dead after three attempts, and delay no other delivery.
pub async fn run(settings: &Settings, temp_dir: &TempDir) -> anyhow::Result<Outcome> {
    let setup = Setup::on_postgres(settings, temp_dir, 2).await?;
    let pool = setup.database.as_postgres()?.clone();
    sqlx::raw_sql(REFUSE).execute(&pool).await?;
    let mut environment = setup.start(settings).await?;
    environment.warm_up().await?;
    for number in 0..EACH {
        for first in [REFUSED, WITHOUT_HISTORY] {
            let delivery = poison(first + number);
            environment.expected_dead.push(delivery.webhook_id.clone());
            environment.load.send(delivery).await;
            environment.load.wait_for_acknowledged(10).await?;
        }
    }
    let all_dead = wait_until(
        "the poison deliveries are dead",
        Duration::from_mins(1),
        async || {
            environment
                .record_delayed(environment.expected_dead.len())
                .await?;
            Ok(dead(&pool).await?.len() == environment.expected_dead.len())
        },
    );
    all_dead.await?;
    if dead(&pool).await?.iter().any(|attempts| *attempts != 3) {
        environment
            .faults
            .push("a poison delivery did not have three attempts".to_owned());
    }
    environment.finish().await
}

fn poison(order: u64) -> Delivery {
    let id = Uuid::new_v4().to_string();
    let sample = SampleOrder::new(order).updated_at(Utc::now());
    sample.to_delivery("orders/create", &id)
}

/// The number of attempts of every dead delivery.
async fn dead(pool: &sqlx::PgPool) -> anyhow::Result<Vec<i32>> {
    let dead = sqlx::query_scalar("SELECT attempts FROM deliveries WHERE state = 'dead'");
    Ok(dead.fetch_all(pool).await?)
}
