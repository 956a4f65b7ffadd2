//! Work that hangs: on a lock somebody else holds, and on a statement that does
//! not return within the time an attempt has.

use std::time::Duration;

use chrono::Utc;
use simulator::SampleOrder;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use crate::report::Outcome;
use crate::services::scratch::Scratch;
use crate::stage::{Backstage, Settings, Stage};
use crate::until::until;

/// Orders of no other drill's traffic.
const LOCKED: u64 = 930_001;
const SLEEPING: u64 = 940_001;

/// Longer than an attempt may take, shorter than a statement may.
const SLEEP: &str = "
    CREATE TABLE sleepers (id INT);
    CREATE FUNCTION doze() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (SELECT 1 FROM sleepers) THEN PERFORM pg_sleep(25); END IF;
            RETURN NEW;
        END $$;
    CREATE TRIGGER doze BEFORE UPDATE ON orders FOR EACH ROW
        WHEN (NEW.shopify_order_id = 940001) EXECUTE FUNCTION doze();";

/// How long the lock is held: longer than an attempt may take.
const HELD: Duration = Duration::from_secs(25);

/// Until then the sleeper has fallen asleep; whoever comes later stays awake.
const DOZING: Duration = Duration::from_secs(10);

/// Everybody else goes on; what hung is applied once, in the end.
pub async fn run(settings: &Settings, scratch: &Scratch) -> anyhow::Result<Outcome> {
    let backstage = Backstage::on_postgres(settings, scratch, 2).await?;
    let pool = backstage.database.as_postgres()?.clone();
    sqlx::raw_sql(SLEEP).execute(&pool).await?;
    let mut stage = backstage.raise(settings).await?;
    stage.warm_up().await?;
    for order in [LOCKED, SLEEPING] {
        send(&stage, "orders/create", order, 10_000).await;
        until("the order exists", Duration::from_secs(20), async || {
            Ok(version(&pool, order).await? == 1)
        })
        .await?;
    }

    sqlx::raw_sql("INSERT INTO sleepers VALUES (1)")
        .execute(&pool)
        .await?;
    let mut lock = pool.begin().await?;
    sqlx::query("SELECT 1 FROM orders WHERE shopify_order_id = $1 FOR UPDATE")
        .bind(i64::try_from(LOCKED)?)
        .execute(&mut *lock)
        .await?;
    let begin = Instant::now();
    for order in [LOCKED, SLEEPING] {
        send(&stage, "orders/updated", order, 20_000).await;
    }
    let mut dozing = true;
    while begin.elapsed() < HELD {
        stage.note_waiting(2).await?;
        if dozing && begin.elapsed() > DOZING {
            sqlx::raw_sql("DELETE FROM sleepers").execute(&pool).await?;
            dozing = false;
        }
        sleep(Duration::from_millis(200)).await;
    }
    lock.rollback().await?;
    let outcome = stage.conclude_after(async |stage| {
        for order in [LOCKED, SLEEPING] {
            let at = version(&pool, order).await?;
            if at != 2 {
                stage
                    .faults
                    .push(format!("order {order} is at version {at}, not 2"));
            }
        }
        Ok(())
    });
    outcome.await
}

async fn send(stage: &Stage, topic: &'static str, order: u64, total: i64) {
    let news = SampleOrder::new(order)
        .total_minor(total)
        .updated_at(Utc::now());
    let delivery = news.to_delivery(topic, &Uuid::new_v4().to_string());
    stage.load.send(delivery).await;
}

async fn version(pool: &sqlx::PgPool, order: u64) -> anyhow::Result<i64> {
    let version = sqlx::query_scalar("SELECT version FROM orders WHERE shopify_order_id = $1");
    let version = version
        .bind(i64::try_from(order)?)
        .fetch_optional(pool)
        .await?;
    Ok(version.unwrap_or(0))
}
