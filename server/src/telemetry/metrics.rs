//! Metrics, for Prometheus: `GET /metrics`. `docs/OPERATIONS.md` says what to
//! watch.
//!
//! What happens here is counted where it happens. What is true of the database
//! and the queue is looked up when somebody asks, at most every few seconds.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use metrics::{counter, gauge};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use crate::db::now;
use crate::deliveries::stats;
use crate::state::AppState;

/// Everything this server measures.
pub mod names {
    /// Webhooks, by `outcome`.
    pub const WEBHOOKS: &str = "orchestrator_webhooks_total";
    /// From a webhook's arrival to its answer.
    pub const WEBHOOK_ACK: &str = "orchestrator_webhook_ack_seconds";
    /// Deliveries waiting to be committed, in this process.
    pub const INBOX_WAITING: &str = "orchestrator_inbox_waiting";
    /// Deliveries in one commit.
    pub const INBOX_COMMIT: &str = "orchestrator_inbox_commit_deliveries";
    /// Deliveries done with, by `outcome`.
    pub const PROCESSED: &str = "orchestrator_deliveries_processed_total";
    /// Attempts that failed.
    pub const ATTEMPTS_FAILED: &str = "orchestrator_delivery_attempts_failed_total";
    /// Deliveries given up on.
    pub const DIED: &str = "orchestrator_deliveries_died_total";
    /// From a delivery's arrival to the broadcast of what it changed.
    pub const PROCESSING_LAG: &str = "orchestrator_processing_lag_seconds";
    /// From what happened in the shop to its broadcast.
    pub const BROADCAST_LAG: &str = "orchestrator_broadcast_lag_seconds";
    /// Changes told to clients.
    pub const BROADCAST: &str = "orchestrator_changes_broadcast_total";
    /// Frames a client was too slow for.
    pub const FRAMES_DROPPED: &str = "orchestrator_frames_dropped_total";
    /// Clients cut because they were too slow.
    pub const SOCKETS_CUT: &str = "orchestrator_sockets_cut_total";
    /// Clients connected now.
    pub const SOCKETS: &str = "orchestrator_sockets_connected";
    /// Connections, sockets, bodies and new shops turned away because there were too
    /// many, by `what`.
    pub const REFUSED: &str = "orchestrator_connections_refused_total";
    /// Requests turned away because their address sent too many.
    pub const RATE_LIMITED: &str = "orchestrator_rate_limited_total";
    /// News that did not get to other instances at once.
    pub const RELAY_LOST: &str = "orchestrator_relay_lost_total";
    /// Requests, by `method`, `route` and `status`.
    pub const REQUESTS: &str = "orchestrator_http_requests_total";
    /// Time to answer, by `method` and `route`.
    pub const REQUEST: &str = "orchestrator_http_request_seconds";
    /// Deliveries not processed yet.
    pub const PENDING: &str = "orchestrator_deliveries_pending";
    /// Deliveries given up on that nobody looked after yet.
    pub const DEAD: &str = "orchestrator_deliveries_dead";
    /// Age of the oldest delivery not processed yet.
    pub const OLDEST: &str = "orchestrator_oldest_pending_seconds";
    /// Jobs waiting in the queue.
    pub const QUEUE_DEPTH: &str = "orchestrator_queue_depth";
    /// Database connections, by `pool` and `state`.
    pub const CONNECTIONS: &str = "orchestrator_db_connections";
    /// Database connections there may be, by `pool`.
    pub const CONNECTIONS_MAX: &str = "orchestrator_db_connections_max";
    /// The database answers.
    pub const DATABASE_UP: &str = "orchestrator_database_up";
    /// This machine's clock minus the database's.
    pub const CLOCK_SKEW: &str = "orchestrator_clock_skew_seconds";
    /// The queue answers.
    pub const REDIS_UP: &str = "orchestrator_redis_up";
    /// Always 1; the `version` is what counts.
    pub const BUILD: &str = "orchestrator_build_info";
}

/// How long what is looked up stays good: any number of scrapers cost little.
const FRESH: Duration = Duration::from_secs(5);

/// How long a lookup may take before it counts as failed.
const PATIENCE: Duration = Duration::from_secs(2);

/// Up to 10 seconds, in seconds.
const TIMES: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// From a second to an hour for what may have waited elsewhere.
const LAGS: &[f64] = &[
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0, 3600.0,
];

const SIZES: &[f64] = &[1.0, 2.0, 5.0, 10.0, 25.0, 50.0, 100.0, 256.0];

/// The process's one recorder, installed when first asked for.
static RECORDER: LazyLock<Option<PrometheusHandle>> = LazyLock::new(|| {
    let suffix = |suffix: &str| Matcher::Suffix(suffix.to_owned());
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(suffix("_seconds"), TIMES)
        .and_then(|builder| builder.set_buckets_for_metric(suffix("_lag_seconds"), LAGS))
        .and_then(|builder| builder.set_buckets_for_metric(suffix("_deliveries"), SIZES))
        .ok()?
        .build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).ok()?;
    gauge!(names::BUILD, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    start_at_zero();
    Some(handle)
});

/// Counters that nothing distinguishes.
const COUNTERS: [&str; 7] = [
    names::ATTEMPTS_FAILED,
    names::DIED,
    names::BROADCAST,
    names::FRAMES_DROPPED,
    names::SOCKETS_CUT,
    names::RATE_LIMITED,
    names::RELAY_LOST,
];

/// What becomes of webhooks at the door; `http::observe` decides.
const WEBHOOK_OUTCOMES: [&str; 9] = [
    "accepted",
    "duplicate",
    "ignored",
    "unauthorized",
    "malformed",
    "too_large",
    "rejected",
    "refused",
    "unavailable",
];

/// What becomes of deliveries.
const DELIVERY_OUTCOMES: [&str; 3] = ["applied", "unchanged", "discarded"];

/// What there can be too much of.
const REFUSED: [&str; 4] = ["connection", "socket", "body", "shop"];

/// Every counter is there from the start. Prometheus sees a counter grow only
/// between two values: one that appears with its first event seems not to have
/// had any, and an alert on it is silent.
fn start_at_zero() {
    for name in COUNTERS {
        counter!(name).absolute(0);
    }
    for (name, label, values) in [
        (names::WEBHOOKS, "outcome", &WEBHOOK_OUTCOMES[..]),
        (names::PROCESSED, "outcome", &DELIVERY_OUTCOMES),
        (names::REFUSED, "what", &REFUSED),
    ] {
        for value in values {
            counter!(name, label => *value).absolute(0);
        }
    }
    gauge!(names::SOCKETS).set(0.0);
    gauge!(names::CLOCK_SKEW).set(0.0);
}

/// Starts measuring; safe to call again.
pub fn install() {
    LazyLock::force(&RECORDER);
}

/// Lets measurements that nobody fetches not pile up. To be called now and then.
pub fn upkeep() {
    if let Some(recorder) = &*RECORDER {
        recorder.run_upkeep();
    }
}

/// When things were last looked up; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct LookedUp(Arc<Mutex<Option<Instant>>>);

/// The metrics endpoint.
pub fn router() -> Router<AppState> {
    Router::new().route("/metrics", get(handler))
}

async fn handler(State(state): State<AppState>) -> impl IntoResponse {
    look_up(&state).await;
    let text = RECORDER.as_ref().map(PrometheusHandle::render);
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    ([(CONTENT_TYPE, kind)], text.unwrap_or_default())
}

async fn look_up(state: &AppState) {
    let mut last = state.looked_up.0.lock().await;
    if last.is_some_and(|last| last.elapsed() < FRESH) {
        return;
    }
    let (inbox, depth) = tokio::join!(
        timeout(PATIENCE, stats::count(&state.db)),
        timeout(PATIENCE, state.queue.depth()),
    );
    let up = |fine: bool| if fine { 1.0 } else { 0.0 };
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
    for (name, pool) in state.db.connections() {
        let used = pool.open.saturating_sub(pool.idle);
        gauge!(names::CONNECTIONS, "pool" => name, "state" => "idle").set(count(pool.idle));
        gauge!(names::CONNECTIONS, "pool" => name, "state" => "used").set(count(used));
        gauge!(names::CONNECTIONS_MAX, "pool" => name).set(count(pool.most));
    }
    *last = Some(Instant::now());
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a gauge is a float; 2^53 is enough"
)]
const fn count(number: u64) -> f64 {
    number as f64
}
