//! Jobs that hang: one on a lock held by another transaction, one on a statement that
//! takes longer than an attempt may.

use std::time::Duration;

use chrono::Utc;
use simulator::SampleOrder;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use crate::environment::setup::Setup;
use crate::environment::{Environment, Settings};
use crate::report::Outcome;
use crate::services::temp_dir::TempDir;
use crate::wait::wait_until;

/// Orders that no other traffic is about.
const LOCKED: u64 = 930_001;
const SLOW: u64 = 940_001;

/// Updates of one order sleep while `slow_updates` has a row: longer than an attempt may
/// take, shorter than the statement timeout.
const SLOW_UPDATES: &str = "
    CREATE TABLE slow_updates (id INT);
    CREATE FUNCTION slow_down() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (SELECT 1 FROM slow_updates) THEN PERFORM pg_sleep(25); END IF;
            RETURN NEW;
        END $$;
    CREATE TRIGGER slow_down BEFORE UPDATE ON orders FOR EACH ROW
        WHEN (NEW.shopify_order_id = 940001) EXECUTE FUNCTION slow_down();";

/// How long the lock is held: longer than an attempt may take.
const LOCK_TIME: Duration = Duration::from_secs(25);

/// How long updates are slow: by then the first attempt is sleeping; later attempts are
/// not slow.
const SLOW_TIME: Duration = Duration::from_secs(10);

/// Other deliveries must not be delayed; those that hang are applied once, at the end.
pub async fn run(settings: &Settings, temp_dir: &TempDir) -> anyhow::Result<Outcome> {
    let setup = Setup::on_postgres(settings, temp_dir, 2).await?;
    let pool = setup.database.as_postgres()?.clone();
    sqlx::raw_sql(SLOW_UPDATES).execute(&pool).await?;
    let mut environment = setup.start(settings).await?;
    environment.warm_up().await?;
    for order in [LOCKED, SLOW] {
        send(&environment, "orders/create", order, 10_000).await;
        wait_until("the order exists", Duration::from_secs(20), async || {
            Ok(version(&pool, order).await? == 1)
        })
        .await?;
    }

    sqlx::raw_sql("INSERT INTO slow_updates VALUES (1)")
        .execute(&pool)
        .await?;
    let mut lock = pool.begin().await?;
    sqlx::query("SELECT 1 FROM orders WHERE shopify_order_id = $1 FOR UPDATE")
        .bind(i64::try_from(LOCKED)?)
        .execute(&mut *lock)
        .await?;
    let begin = Instant::now();
    for order in [LOCKED, SLOW] {
        send(&environment, "orders/updated", order, 20_000).await;
    }
    let mut slow = true;
    while begin.elapsed() < LOCK_TIME {
        environment.record_delayed(2).await?;
        if slow && begin.elapsed() > SLOW_TIME {
            sqlx::raw_sql("DELETE FROM slow_updates")
                .execute(&pool)
                .await?;
            slow = false;
        }
        sleep(Duration::from_millis(200)).await;
    }
    lock.rollback().await?;
    let outcome = environment.finish_with(async |environment| {
        for order in [LOCKED, SLOW] {
            let at = version(&pool, order).await?;
            if at != 2 {
                environment
                    .faults
                    .push(format!("order {order} has version {at} instead of 2"));
            }
        }
        Ok(())
    });
    outcome.await
}

async fn send(environment: &Environment, topic: &'static str, order: u64, total: i64) {
    let sample = SampleOrder::new(order)
        .total_minor(total)
        .updated_at(Utc::now());
    let delivery = sample.to_delivery(topic, &Uuid::new_v4().to_string());
    environment.load.send(delivery).await;
}

async fn version(pool: &sqlx::PgPool, order: u64) -> anyhow::Result<i64> {
    let version = sqlx::query_scalar("SELECT version FROM orders WHERE shopify_order_id = $1");
    let version = version
        .bind(i64::try_from(order)?)
        .fetch_optional(pool)
        .await?;
    Ok(version.unwrap_or(0))
}
