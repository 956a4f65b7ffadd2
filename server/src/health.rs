//! `/healthz`: the process lives. `/readyz`: it can do its work, or what is
//! missing.

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

/// What the health endpoints look at; cheap to clone.
#[derive(Clone, Debug)]
pub struct Health(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    db: Db,
    queue: JobQueue<DeliveryJob>,
    checks: Checks,
    /// Asked to stop: no new requests, please.
    draining: Arc<AtomicBool>,
    /// The database was reached and its schema is up to date.
    prepared: AtomicBool,
}

impl Health {
    /// Not prepared yet. `draining` says that the server was asked to stop.
    pub fn new(db: &Db, queue: &JobQueue<DeliveryJob>, draining: Arc<AtomicBool>) -> Self {
        Self(Arc::new(Shared {
            db: db.clone(),
            queue: queue.clone(),
            checks: Checks::default(),
            draining,
            prepared: AtomicBool::new(false),
        }))
    }

    /// The database was reached and its schema is up to date.
    pub fn set_prepared(&self) {
        self.0.prepared.store(true, Ordering::Relaxed);
    }
}

/// An answer to `/healthz`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Health)]
pub struct LivenessReport {
    #[schema(inline)]
    status: Alive,
}

/// That it answers is all there is to say.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Alive {
    /// The process lives.
    Ok,
}

/// An answer to `/readyz`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Readiness)]
pub struct ReadinessReport {
    #[schema(inline)]
    status: Ability,
    #[schema(inline)]
    database: Dependency,
    #[schema(inline)]
    queue: Dependency,
}

/// Whether the server can do its work.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Ability {
    /// All of it.
    Ready,
    /// It takes webhooks and serves orders, and will do the rest later.
    Degraded,
    /// Nothing.
    Unavailable,
    /// It is being stopped, and takes no new work.
    Stopping,
}

/// Whether something it depends on answers.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Dependency {
    /// It does.
    Ok,
    /// It does not.
    Unavailable,
}

/// A check that takes longer has failed. Balancers wait two seconds and then
/// take an instance out: a queue that does not answer must not do that. Who asks
/// while a check is under way waits for its end, and for one more.
const CHECK_TIMEOUT: Duration = Duration::from_millis(900);

/// The last check, and when it began.
#[derive(Debug, Default)]
struct Checks(Mutex<Option<(Instant, Found)>>);

/// What works.
#[derive(Clone, Copy, Debug)]
struct Found {
    database: bool,
    queue: bool,
}

impl Checks {
    /// Checks, unless a check began since this was asked: any number of requests cost
    /// one check at a time.
    async fn check(&self, db: &Db, queue: &JobQueue<DeliveryJob>) -> Found {
        let asked = Instant::now();
        let mut last = self.0.lock().await;
        if let Some((began, found)) = *last
            && began >= asked
        {
            return found;
        }
        let began = Instant::now();
        let (database, queue) = tokio::join!(
            timeout(CHECK_TIMEOUT, db.ping()),
            timeout(CHECK_TIMEOUT, queue.ping()),
        );
        let found = Found {
            database: is_fine("not ready: the database is away", database),
            queue: is_fine("the queue is away", queue),
        };
        *last = Some((began, found));
        found
    }
}

fn is_fine<E: Display>(problem: &str, checked: Result<Result<(), E>, Elapsed>) -> bool {
    match checked {
        Ok(Ok(())) => return true,
        Ok(Err(error)) => warn!(%error, "{problem}"),
        Err(error) => warn!(%error, "{problem}"),
    }
    false
}

/// The process lives.
#[utoipa::path(get, path = "/healthz", tag = "health", responses((status = 200, body = LivenessReport, description = "Alive")))]
pub async fn alive() -> Json<LivenessReport> {
    Json(LivenessReport { status: Alive::Ok })
}

/// The server can do its work, or what is missing.
///
/// Webhooks are taken, and orders served, without the queue: only the
/// database makes a server unready.
#[utoipa::path(get, path = "/readyz", tag = "health", responses(
    (status = 200, body = ReadinessReport, description = "Ready, or degraded"),
    (status = 503, body = ReadinessReport, description = "Not ready"),
))]
pub async fn ready(State(Health(health)): State<Health>) -> (StatusCode, Json<ReadinessReport>) {
    let found = health.checks.check(&health.db, &health.queue).await;
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
        _ if draining => (StatusCode::SERVICE_UNAVAILABLE, Ability::Stopping),
        (true, true) => (StatusCode::OK, Ability::Ready),
        (true, false) => (StatusCode::OK, Ability::Degraded),
        (false, _) => (StatusCode::SERVICE_UNAVAILABLE, Ability::Unavailable),
    };
    let body = ReadinessReport {
        status,
        database: part(database),
        queue: part(found.queue),
    };
    (code, Json(body))
}
