//! Every address this server answers.

use axum::Router;
use axum::extract::MatchedPath;
use axum::http::Request;
use axum::response::Redirect;
use axum::routing::get;
use socketioxide::layer::SocketIoLayer;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::trace::TraceLayer;
use tracing::info_span;

use crate::state::AppState;
use crate::{deliveries, health, orders, web, webhooks};

/// The table of contents.
pub fn router(state: AppState, socket: SocketIoLayer) -> Router {
    Router::new()
        .route("/", get(|| async { Redirect::to("/dashboard") }))
        .merge(webhooks::router()) // POST /webhooks/shopify
        .merge(orders::router()) //   /orders …
        .merge(deliveries::api::router()) // /deliveries …
        .merge(health::router()) //   /healthz, /readyz
        .merge(web::router(&state)) // /dashboard …, and the files it needs
        .with_state(state)
        .layer(socket) //             /socket.io, namespace /sync
        .layer(TraceLayer::new_for_http().make_span_with(request_span))
        .layer(CatchPanicLayer::new())
}

/// Names a request by its route, never by what is in it.
fn request_span<B>(request: &Request<B>) -> tracing::Span {
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("-", MatchedPath::as_str);
    info_span!("request", method = %request.method(), route)
}
