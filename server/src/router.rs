//! Every address this server answers.

use axum::Router;
use axum::extract::MatchedPath;
use axum::http::header::{CONTENT_TYPE, ETAG, IF_MATCH};
use axum::http::{HeaderName, HeaderValue, Method, Request};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use socketioxide::layer::SocketIoLayer;
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::SizeAbove;
use tower_http::cors::CorsLayer;
use tower_http::trace::TraceLayer;
use tracing::info_span;

use crate::error::Error;
use crate::state::AppState;
use crate::{deliveries, health, openapi, orders, web, webhooks};

/// The table of contents.
pub fn router(state: AppState, socket: SocketIoLayer, allowed: &[HeaderValue]) -> Router {
    Router::new()
        .route("/", get(|| async { Redirect::to("/dashboard") }))
        .merge(webhooks::router()) // POST /webhooks/shopify
        .merge(orders::router()) //   /orders …
        .merge(deliveries::api::router()) // /deliveries …
        .merge(openapi::router()) //  /openapi.json, /docs
        .merge(health::router()) //   /healthz, /readyz
        .merge(web::router(&state)) // /dashboard …, and the files it needs
        .method_not_allowed_fallback(|| async { Error::MethodNotAllowed })
        .with_state(state)
        .layer(compression())
        .layer(socket) //             /socket.io, namespace /sync
        .layer(cors(allowed))
        .layer(TraceLayer::new_for_http().make_span_with(request_span))
        .layer(CatchPanicLayer::custom(panicked))
}

/// Pages and lists travel compressed; answers to webhooks are too small to gain.
fn compression() -> CompressionLayer<SizeAbove> {
    CompressionLayer::new()
        .quality(CompressionLevel::Fastest)
        .compress_when(SizeAbove::new(1_024))
}

/// Browsers let other origins' pages in only where they are named.
fn cors(allowed: &[HeaderValue]) -> CorsLayer {
    if allowed.is_empty() {
        return CorsLayer::new();
    }
    CorsLayer::new()
        .allow_origin(allowed.to_vec())
        .allow_methods([Method::GET, Method::POST, Method::PUT])
        .allow_headers([
            CONTENT_TYPE,
            IF_MATCH,
            HeaderName::from_static("idempotency-key"),
        ])
        .expose_headers([ETAG])
}

/// A bug, answered like any other error; the panic itself is in the log.
fn panicked(_: Box<dyn std::any::Any + Send + 'static>) -> Response {
    Error::Internal(anyhow::anyhow!("a handler panicked")).into_response()
}

/// Names a request by its route, never by what is in it.
fn request_span<B>(request: &Request<B>) -> tracing::Span {
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("-", MatchedPath::as_str);
    info_span!("request", method = %request.method(), route)
}
