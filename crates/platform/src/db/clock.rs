//! One clock for all instances: the database's. Due times, leases and retries are
//! compared with those that other instances wrote; an instance whose own clock is hours
//! ahead would claim work for hours.
//!
//! The database is asked for the time every few seconds. In between, this process's
//! monotonic clock is used, which cannot be set. `SQLite` has no clock but this
//! machine's, and no other instances.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{LazyLock, Mutex};
use std::time::{Duration, Instant};

use chrono::{DateTime, SubsecRound, Utc};
use metrics::gauge;
use sea_orm::{ConnectionTrait, DbErr};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use uuid::timestamp::context::ContextV7;
use uuid::{Timestamp, Uuid};

use super::handle::Db;
use crate::metric_names as names;

/// How often the database is asked for its time.
const INTERVAL: Duration = Duration::from_secs(5);

/// An answer that took longer than this is too inaccurate.
const MAX_ROUND_TRIP: Duration = Duration::from_millis(500);

/// Differences below this, in microseconds, are ignored, so that time does not jump.
const TOLERANCE: i64 = 20_000;

/// A difference above this between the machine's clock and the database's is logged, in
/// microseconds.
const WARN_ABOVE: i64 = 2_000_000;

/// When this process first used the clock, by its monotonic clock.
static STARTED: LazyLock<Instant> = LazyLock::new(Instant::now);

/// The database's time at that moment, in microseconds since 1970.
static DATABASE_AT_START: AtomicI64 = AtomicI64::new(UNKNOWN);

const UNKNOWN: i64 = i64::MIN;

/// Counts ids within a millisecond, so that the ids of one process are in the order in
/// which they were made.
static IDS: LazyLock<Mutex<ContextV7>> = LazyLock::new(|| Mutex::new(ContextV7::new()));

/// The current time by the database's clock, truncated to microseconds, as `PostgreSQL`
/// stores it: a value that is read back must equal the one that was written.
pub fn now() -> DateTime<Utc> {
    let at_start = DATABASE_AT_START.load(Ordering::Relaxed);
    let by_database = (at_start != UNKNOWN)
        .then(|| DateTime::from_timestamp_micros(at_start + since_start()))
        .flatten();
    by_database.unwrap_or_else(|| Utc::now().trunc_subsecs(6))
}

/// A new id (UUID version 7). Ids are in order of time, so they use the same clock.
pub fn new_id() -> Uuid {
    let now = now();
    let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
    let timestamp = Timestamp::from_unix(&*IDS, seconds, now.timestamp_subsec_nanos());
    Uuid::new_v7(timestamp)
}

fn since_start() -> i64 {
    i64::try_from(STARTED.elapsed().as_micros()).unwrap_or(i64::MAX)
}

impl Db {
    /// Sets the clock to the database's time. Does nothing on `SQLite`.
    pub async fn set_clock(&self) -> Result<(), DbErr> {
        if self.is_sqlite() {
            return Ok(());
        }
        let asked = since_start();
        let own = Utc::now();
        let sql = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS now";
        let statement = sea_orm::Statement::from_string(self.backend(), sql);
        let Some(row) = self.read_hot().query_one_raw(statement).await? else {
            return Ok(());
        };
        let database: i64 = row.try_get("", "now")?;
        let answered = since_start();
        let took = answered - asked;
        let known = DATABASE_AT_START.load(Ordering::Relaxed);
        if known != UNKNOWN && took > MAX_ROUND_TRIP.as_micros().try_into().unwrap_or(i64::MAX) {
            return Ok(());
        }
        // The database read its clock between request and answer: assume the middle.
        let at_start = database - (asked + took / 2);
        if known == UNKNOWN || (known - at_start).abs() > TOLERANCE + took / 2 {
            DATABASE_AT_START.store(at_start, Ordering::Relaxed);
        }
        let ahead = own.timestamp_micros() + took / 2 - database;
        gauge!(names::CLOCK_SKEW).set(seconds(ahead));
        Ok(())
    }
}

/// Synchronizes the clock until shutdown, and logs when this machine's clock differs.
pub async fn synchronize(db: Db, shutdown: CancellationToken) {
    let mut ticks = interval(INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut differs = false;
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            _ = ticks.tick() => {}
        }
        // While the database is unavailable, the monotonic clock goes on.
        if db.set_clock().await.is_err() {
            continue;
        }
        let ahead = (Utc::now() - now()).num_microseconds().unwrap_or(i64::MAX);
        let too_much = ahead.abs() > WARN_ABOVE;
        if too_much && !differs {
            let seconds_ahead = seconds(ahead);
            warn!(
                seconds_ahead,
                "this machine's clock differs from the database's, which is used instead"
            );
        } else if differs && !too_much {
            info!("this machine's clock agrees with the database's again");
        }
        differs = too_much;
    }
}

#[expect(clippy::cast_precision_loss, reason = "a gauge is a float")]
fn seconds(microseconds: i64) -> f64 {
    microseconds as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_in_the_order_in_which_they_were_made() {
        let ids: Vec<Uuid> = (0..10_000).map(|_| new_id()).collect();
        assert!(ids.is_sorted());
    }
}
