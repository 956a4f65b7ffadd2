//! Every path that the server answers, and the layers that every request passes.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{CONTENT_TYPE, ETAG, IF_MATCH, RETRY_AFTER};
use axum::http::{self, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::{Next, from_fn, from_fn_with_state, map_request, map_response};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use inbox::Inbox;
use orders::Orders;
use platform::http::body_budget::BodyBudget;
use platform::http::error::Error;
use platform::http::hosts::Hosts;
use platform::http::origin::{self, AllowedOrigins};
use platform::http::rate_limit::{self, RateLimit};
use platform::http::{headers, observe};
use platform::live::connection_registry::{self, ConnectionRegistry};
use platform::live::handshakes::Handshakes;
use socketioxide::layer::SocketIoLayer;
use tower::ServiceBuilder;
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::SizeAbove;
use tower_http::cors::CorsLayer;
use tower_http::request_id::{PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;
use tracing::info_span;

use crate::health::{self, Health};
use crate::metrics::{self, Metrics};
use crate::openapi;
use crate::ssr::{self, Pages};

/// A request that is not answered within this time is answered with 408.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// The checks that every request passes before a handler reads it.
#[derive(Debug)]
pub struct Guards {
    /// The host names that the server answers to.
    pub hosts: Hosts,
    /// Other origins whose pages may use the API.
    pub origins: AllowedOrigins,
    /// Limits the requests of each client.
    pub rate: RateLimit,
    /// Limits the bytes of bodies in memory.
    pub bodies: BodyBudget,
    /// Limits the sessions of the live socket.
    pub handshakes: Handshakes,
}

/// The state of the handlers: one handle per subject.
#[derive(Clone, Debug)]
pub struct Handles {
    /// Orders.
    pub orders: Orders,
    /// Webhooks, deliveries and shops.
    pub inbox: Inbox,
    /// The health checks.
    pub health: Health,
    /// The metrics that are read from the database and the queue.
    pub metrics: Metrics,
    /// The dashboard.
    pub pages: Pages,
}

/// The router of the whole server.
pub fn router(
    handles: Handles,
    (socket, connections): (SocketIoLayer, ConnectionRegistry),
    guards: Guards,
) -> Router {
    let rate = &guards.rate;
    let cors = cors(&guards.origins);
    let limited = from_fn_with_state(rate.clone(), rate_limit::limit);
    let limited_unsigned = from_fn_with_state(rate.clone(), rate_limit::limit_unsigned);
    let api = Router::from(orders::routes().with_state(handles.orders))
        .merge(inbox::routes().with_state(handles.inbox.clone()));
    let webhooks = Router::from(inbox::webhook_routes().with_state(handles.inbox));
    let health = Router::from(health::routes().with_state(handles.health));
    Router::new()
        .merge(api.clone()) //                 /orders …, /deliveries …, /shops …
        .merge(openapi::router()) //           /openapi.json, /docs
        .merge(ssr::router(handles.pages, api)) // /dashboard …, and the files it needs
        .route("/", get(|| async { Redirect::to("/dashboard") }))
        .layer(limited)
        .merge(webhooks.layer(limited_unsigned)) // POST /webhooks/shopify
        .merge(health) //                      /healthz, /readyz
        .merge(metrics::router(handles.metrics)) // /metrics
        .method_not_allowed_fallback(|| async { Error::MethodNotAllowed })
        // Few layers with many parts, because every layer is cloned for every request.
        .layer(
            ServiceBuilder::new()
                .layer(TimeoutLayer::with_status_code(
                    StatusCode::REQUEST_TIMEOUT,
                    REQUEST_TIMEOUT,
                ))
                .layer(from_fn(observe::count))
                .layer(compression()),
        )
        .layer(socket) //                      /socket.io, namespace /sync
        .layer(from_fn_with_state(connections, connection_registry::track))
        .layer(from_fn_with_state(Arc::new(guards), guard))
        .layer(
            ServiceBuilder::new()
                .layer(CatchPanicLayer::custom(panicked))
                .layer(map_request(observe::remove_unsafe_id))
                .layer(SetRequestIdLayer::new(observe::REQUEST_ID, observe::MakeId))
                .layer(PropagateRequestIdLayer::new(observe::REQUEST_ID))
                .layer(TraceLayer::new_for_http().make_span_with(request_span))
                .layer(map_response(headers::protect))
                .layer(cors),
        )
}

/// Passes a request through all checks, or answers with the first refusal. One layer for
/// all of them, because every layer is cloned for every request.
async fn guard(State(guards): State<Arc<Guards>>, request: Request, next: Next) -> Response {
    let checked = guards.hosts.check(&request);
    let checked = checked.and_then(|()| origin::check(&request, &guards.origins));
    let admitted = match checked {
        Ok(()) => guards.handshakes.admit(request).await,
        Err(refusal) => Err(refusal.into()),
    };
    match admitted {
        Ok(request) => guards.bodies.count(request, next).await,
        Err(refused) => refused.into_response(),
    }
}

/// Compresses pages and lists; answers to webhooks are too small to benefit.
fn compression() -> CompressionLayer<SizeAbove> {
    CompressionLayer::new()
        .quality(CompressionLevel::Fastest)
        .compress_when(SizeAbove::new(1_024))
}

/// Lets pages of the allowed origins use the API; browsers block all others.
fn cors(allowed: &[HeaderValue]) -> CorsLayer {
    if allowed.is_empty() {
        return CorsLayer::new();
    }
    CorsLayer::new()
        .allow_origin(allowed.to_vec())
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::DELETE])
        .allow_headers([
            CONTENT_TYPE,
            IF_MATCH,
            HeaderName::from_static("idempotency-key"),
            HeaderName::from_static("x-editor-name"),
        ])
        .expose_headers([ETAG, RETRY_AFTER, observe::REQUEST_ID])
}

/// Answers a request whose handler panicked, like any other error; the panic is in the log.
fn panicked(_: Box<dyn std::any::Any + Send + 'static>) -> Response {
    Error::Internal(anyhow::anyhow!("a handler panicked")).into_response()
}

/// The span of a request: it has the route, and never the path, which may contain personal
/// data.
fn request_span<B>(request: &http::Request<B>) -> tracing::Span {
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("-", MatchedPath::as_str);
    let id = request.headers().get(observe::REQUEST_ID);
    let id = id.and_then(|id| id.to_str().ok()).unwrap_or("-");
    info_span!("request", method = %request.method(), route, request.id = id)
}
