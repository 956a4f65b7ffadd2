//! `GET /metrics`, for Prometheus.
//!
//! Events in this process are counted where they happen. The state of the database and of
//! the queue is read when Prometheus scrapes, at most every few seconds.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use inbox::DeliveryJob;
use inbox::deliveries::stats;
use metrics::gauge;
use platform::db::{Db, now};
use platform::queue::JobQueue;
use platform::telemetry::metrics::render;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

/// The metrics that are read from the database and the queue.
mod names {
    /// Deliveries that are not applied yet.
    pub const PENDING: &str = "orchestrator_deliveries_pending";
    /// Deliveries that failed too often, and can still be retried.
    pub const DEAD: &str = "orchestrator_deliveries_dead";
    /// The age of the oldest delivery that is not applied yet.
    pub const OLDEST: &str = "orchestrator_oldest_pending_seconds";
    /// Jobs that wait in the queue.
    pub const QUEUE_DEPTH: &str = "orchestrator_queue_depth";
    /// Database connections, by `pool` and `state`.
    pub const CONNECTIONS: &str = "orchestrator_db_connections";
    /// The most database connections that a pool may open, by `pool`.
    pub const CONNECTIONS_MAX: &str = "orchestrator_db_connections_max";
    /// 1 if the database answers, or else 0.
    pub const DATABASE_UP: &str = "orchestrator_database_up";
    /// 1 if the queue answers, or else 0.
    pub const REDIS_UP: &str = "orchestrator_redis_up";
}

/// How long the values that were read are used, so that many scrapers cost little.
const MAX_AGE: Duration = Duration::from_secs(5);

/// How long a query may take before it counts as failed.
const QUERY_TIMEOUT: Duration = Duration::from_secs(2);

/// The sources of the metrics; cheap to clone.
#[derive(Clone, Debug)]
pub struct Metrics(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    db: Db,
    queue: JobQueue<DeliveryJob>,
    updated_at: Mutex<Option<Instant>>,
}

impl Metrics {
    /// Nothing was read yet.
    pub fn new(db: &Db, queue: &JobQueue<DeliveryJob>) -> Self {
        Self(Arc::new(Shared {
            db: db.clone(),
            queue: queue.clone(),
            updated_at: Mutex::new(None),
        }))
    }
}

/// The metrics endpoint.
pub fn router(metrics: Metrics) -> Router {
    Router::new()
        .route("/metrics", get(handler))
        .with_state(metrics)
}

async fn handler(State(Metrics(metrics)): State<Metrics>) -> impl IntoResponse {
    metrics.update().await;
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    ([(CONTENT_TYPE, kind)], render())
}

impl Shared {
    async fn update(&self) {
        let mut last = self.updated_at.lock().await;
        if last.is_some_and(|last| last.elapsed() < MAX_AGE) {
            return;
        }
        let (inbox, depth) = tokio::join!(
            timeout(QUERY_TIMEOUT, stats::count(&self.db)),
            timeout(QUERY_TIMEOUT, self.queue.depth()),
        );
        let up = |is_up: bool| if is_up { 1.0 } else { 0.0 };
        let inbox = inbox.ok().and_then(Result::ok);
        gauge!(names::DATABASE_UP).set(up(inbox.is_some()));
        if let Some(backlog) = inbox {
            gauge!(names::PENDING).set(count(backlog.pending));
            gauge!(names::DEAD).set(count(backlog.dead));
            let age = backlog.oldest_pending_at.map(|oldest| now() - oldest);
            let seconds = age.map_or(0.0, |age| age.as_seconds_f64().max(0.0));
            gauge!(names::OLDEST).set(seconds);
        }
        let depth = depth.ok().and_then(Result::ok);
        gauge!(names::REDIS_UP).set(up(depth.is_some()));
        if let Some(depth) = depth {
            gauge!(names::QUEUE_DEPTH).set(count(depth as u64));
        }
        for (name, pool) in self.db.pool_usage() {
            let used = pool.open.saturating_sub(pool.idle);
            gauge!(names::CONNECTIONS, "pool" => name, "state" => "idle").set(count(pool.idle));
            gauge!(names::CONNECTIONS, "pool" => name, "state" => "used").set(count(used));
            gauge!(names::CONNECTIONS_MAX, "pool" => name).set(count(pool.max));
        }
        *last = Some(Instant::now());
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a gauge is a float; 2^53 is enough"
)]
const fn count(number: u64) -> f64 {
    number as f64
}
