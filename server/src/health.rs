//! `/healthz` answers whether the process is alive, and `/readyz` whether it can do its
//! work, so that a balancer sends requests only to instances that can.

use std::fmt::Display;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use inbox::DeliveryJob;
use platform::db::Db;
use platform::queue::JobQueue;
use serde::Serialize;
use tokio::sync::Mutex;
use tokio::time::error::Elapsed;
use tokio::time::{Instant, timeout};
use tracing::warn;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The health endpoints.
pub fn routes() -> OpenApiRouter<Health> {
    OpenApiRouter::new()
        .routes(routes!(alive))
        .routes(routes!(ready))
}

/// The state of the health endpoints; cheap to clone.
#[derive(Clone, Debug)]
pub struct Health(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    db: Db,
    queue: JobQueue<DeliveryJob>,
    last_check: LastCheck,
    /// The server was asked to stop, and a balancer should send it no more requests.
    draining: Arc<AtomicBool>,
    /// The database was reached and its schema is up to date.
    prepared: AtomicBool,
}

impl Health {
    /// The database is not prepared yet. `draining` is set when the server is asked to
    /// stop.
    pub fn new(db: &Db, queue: &JobQueue<DeliveryJob>, draining: Arc<AtomicBool>) -> Self {
        Self(Arc::new(Shared {
            db: db.clone(),
            queue: queue.clone(),
            last_check: LastCheck::default(),
            draining,
            prepared: AtomicBool::new(false),
        }))
    }

    /// Records that the database was reached and its schema is up to date.
    pub fn set_prepared(&self) {
        self.0.prepared.store(true, Ordering::Relaxed);
    }
}

/// An answer to `/healthz`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Health)]
pub struct LivenessReport {
    #[schema(inline)]
    status: Liveness,
}

/// The status of a process that answers.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Liveness {
    /// The process is alive.
    Ok,
}

/// An answer to `/readyz`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Readiness)]
pub struct ReadinessReport {
    #[schema(inline)]
    status: ReadinessStatus,
    #[schema(inline)]
    database: Dependency,
    #[schema(inline)]
    queue: Dependency,
}

/// Whether the server can do its work.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum ReadinessStatus {
    /// It can do all of its work.
    Ready,
    /// It accepts webhooks and serves orders, and does the other work later.
    Degraded,
    /// It can do none of its work.
    Unavailable,
    /// It is shutting down, and should get no more requests.
    Stopping,
}

/// Whether a dependency answers.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Dependency {
    /// It answers.
    Ok,
    /// It does not answer.
    Unavailable,
}

/// A check that takes longer has failed. A balancer waits two seconds for an answer and
/// then takes the instance out, which must not happen because the queue does not answer. A
/// request that arrives during a check waits for two checks: that one, and the next.
const CHECK_TIMEOUT: Duration = Duration::from_millis(900);

/// The result of the last check, and when it began.
#[derive(Debug, Default)]
struct LastCheck(Mutex<Option<(Instant, CheckResult)>>);

/// Whether the database and the queue answered.
#[derive(Clone, Copy, Debug)]
struct CheckResult {
    database: bool,
    queue: bool,
}

impl LastCheck {
    /// Runs a check, unless one has begun since this was called. So only one check runs at
    /// a time, however many requests there are.
    async fn refresh(&self, db: &Db, queue: &JobQueue<DeliveryJob>) -> CheckResult {
        let called = Instant::now();
        let mut last = self.0.lock().await;
        if let Some((began, found)) = *last
            && began >= called
        {
            return found;
        }
        let began = Instant::now();
        let (database, queue) = tokio::join!(
            timeout(CHECK_TIMEOUT, db.ping()),
            timeout(CHECK_TIMEOUT, queue.ping()),
        );
        let found = CheckResult {
            database: succeeded("not ready: the database is away", database),
            queue: succeeded("the queue is away", queue),
        };
        *last = Some((began, found));
        found
    }
}

fn succeeded<E: Display>(problem: &str, checked: Result<Result<(), E>, Elapsed>) -> bool {
    match checked {
        Ok(Ok(())) => return true,
        Ok(Err(error)) => warn!(%error, "{problem}"),
        Err(error) => warn!(%error, "{problem}"),
    }
    false
}

/// The process is alive.
#[utoipa::path(get, path = "/healthz", tag = "health", responses((status = 200, body = LivenessReport, description = "Alive")))]
pub async fn alive() -> Json<LivenessReport> {
    Json(LivenessReport {
        status: Liveness::Ok,
    })
}

/// Whether the server can do its work, and which dependency is missing.
///
/// Webhooks are accepted and orders are served without the queue, so a server is not ready
/// only if the database is unavailable.
#[utoipa::path(get, path = "/readyz", tag = "health", responses(
    (status = 200, body = ReadinessReport, description = "Ready, or degraded"),
    (status = 503, body = ReadinessReport, description = "Not ready"),
))]
pub async fn ready(State(Health(health)): State<Health>) -> (StatusCode, Json<ReadinessReport>) {
    let found = health.last_check.refresh(&health.db, &health.queue).await;
    let database = found.database && health.prepared.load(Ordering::Relaxed);
    let part = |ok| {
        if ok {
            Dependency::Ok
        } else {
            Dependency::Unavailable
        }
    };
    let draining = health.draining.load(Ordering::Relaxed);
    let (code, status) = match (database, found.queue) {
        _ if draining => (StatusCode::SERVICE_UNAVAILABLE, ReadinessStatus::Stopping),
        (true, true) => (StatusCode::OK, ReadinessStatus::Ready),
        (true, false) => (StatusCode::OK, ReadinessStatus::Degraded),
        (false, _) => (
            StatusCode::SERVICE_UNAVAILABLE,
            ReadinessStatus::Unavailable,
        ),
    };
    let body = ReadinessReport {
        status,
        database: part(database),
        queue: part(found.queue),
    };
    (code, Json(body))
}
