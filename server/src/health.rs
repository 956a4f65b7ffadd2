//! `/healthz`: the process lives. `/readyz`: it can do its work, or what is
//! missing.

use std::sync::atomic::Ordering;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use tracing::warn;

use crate::state::AppState;

/// The health endpoints.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/healthz", get(|| async { Json(Health { status: "ok" }) }))
        .route("/readyz", get(ready))
}

#[derive(Serialize)]
struct Health {
    status: &'static str,
}

#[derive(Serialize)]
struct Readiness {
    status: &'static str,
    database: &'static str,
    queue: &'static str,
}

/// Webhooks are taken, and orders served, without the queue: only the
/// database makes a server unready.
async fn ready(State(state): State<AppState>) -> (StatusCode, Json<Readiness>) {
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
    let (code, status) = match (database, queue.is_ok()) {
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
