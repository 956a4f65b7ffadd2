//! `/healthz`: the process lives. `/readyz`: it can do its work, or what is
//! missing.

use std::sync::atomic::Ordering;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use tracing::warn;
use utoipa::ToSchema;

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
    status: &'static str,
}

/// An answer to `/readyz`.
#[derive(Debug, Serialize, ToSchema)]
pub struct Readiness {
    status: &'static str,
    database: &'static str,
    queue: &'static str,
}

/// The process lives.
#[utoipa::path(get, path = "/healthz", tag = "health", responses((status = 200, body = Health, description = "Alive")))]
pub async fn alive() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// The server can do its work, or what is missing.
///
/// Webhooks are taken, and orders served, without the queue: only the
/// database makes a server unready.
#[utoipa::path(get, path = "/readyz", tag = "health", responses(
    (status = 200, body = Readiness, description = "Ready, or degraded"),
    (status = 503, body = Readiness, description = "Not ready"),
))]
pub async fn ready(State(state): State<AppState>) -> (StatusCode, Json<Readiness>) {
    let (database, queue) = tokio::join!(state.db.ping(), state.queue.ping());
    if let Err(error) = &database {
        warn!(%error, "not ready: the database is away");
    }
    if let Err(error) = &queue {
        warn!(%error, "the queue is away");
    }
    let prepared = state.prepared.load(Ordering::Relaxed);
    let database = database.is_ok() && prepared;
    let word = |ok| if ok { "ok" } else { "unavailable" };
    let draining = state.draining.load(Ordering::Relaxed);
    let (code, status) = match (database, queue.is_ok()) {
        _ if draining => (StatusCode::SERVICE_UNAVAILABLE, "stopping"),
        (true, true) => (StatusCode::OK, "ready"),
        (true, false) => (StatusCode::OK, "degraded"),
        (false, _) => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
    };
    let body = Readiness {
        status,
        database: word(database),
        queue: word(queue.is_ok()),
    };
    (code, Json(body))
}
