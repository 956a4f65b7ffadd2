//! `/healthz`: the process lives. `/readyz`: it can do its work, or what is
//! missing.

use std::fmt::Display;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use tokio::sync::Mutex;
use tokio::time::error::Elapsed;
use tokio::time::{Instant, timeout};
use tracing::warn;
use utoipa::ToSchema;

use crate::db::Db;
use crate::jobs::queue::JobQueue;
use crate::state::AppState;

/// The health endpoints.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/healthz", get(alive))
        .route("/readyz", get(ready))
}

/// An answer to `/healthz`.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
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
    database: Part,
    #[schema(inline)]
    queue: Part,
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
enum Part {
    /// It does.
    Ok,
    /// It does not.
    Unavailable,
}

/// A check that takes longer has failed. Balancers wait two seconds and then
/// take an instance out: a queue that does not answer must not do that. Who asks
/// while a check is under way waits for its end, and for one more.
const CHECK_TIMEOUT: Duration = Duration::from_millis(900);

/// Whether this server can do its work; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Readiness(Arc<Mutex<Option<(Instant, Checks)>>>);

/// What works.
#[derive(Clone, Copy, Debug)]
struct Checks {
    database: bool,
    queue: bool,
}

impl Readiness {
    /// Checks, unless somebody began to since this was asked: any number of
    /// askers cost one check at a time.
    async fn check(&self, db: &Db, queue: &JobQueue) -> Checks {
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
        let found = Checks {
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
#[utoipa::path(get, path = "/healthz", tag = "health", responses((status = 200, body = Health, description = "Alive")))]
pub async fn alive() -> Json<Health> {
    Json(Health { status: Alive::Ok })
}

/// The server can do its work, or what is missing.
///
/// Webhooks are taken, and orders served, without the queue: only the
/// database makes a server unready.
#[utoipa::path(get, path = "/readyz", tag = "health", responses(
    (status = 200, body = ReadinessReport, description = "Ready, or degraded"),
    (status = 503, body = ReadinessReport, description = "Not ready"),
))]
pub async fn ready(State(state): State<AppState>) -> (StatusCode, Json<ReadinessReport>) {
    let found = state.readiness.check(&state.db, &state.queue).await;
    let database = found.database && state.prepared.load(Ordering::Relaxed);
    let part = |ok| if ok { Part::Ok } else { Part::Unavailable };
    let draining = state.draining.load(Ordering::Relaxed);
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
