//! Every address this server answers.

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

/// A request is answered within this time or not at all.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// What stands between the network and the handlers.
#[derive(Debug)]
pub struct Gates {
    /// The names we answer to.
    pub hosts: Hosts,
    /// Other origins whose pages are welcome.
    pub origins: AllowedOrigins,
    /// How much one client may ask.
    pub rate: RateLimit,
    /// How much may be sent at a time.
    pub bodies: BodyBudget,
    /// How many sessions there may be.
    pub handshakes: Handshakes,
}

/// What the handlers work with: one handle a subject.
#[derive(Clone, Debug)]
pub struct Handles {
    /// Orders.
    pub orders: Orders,
    /// Webhooks, deliveries and shops.
    pub inbox: Inbox,
    /// Whether the server can do its work.
    pub health: Health,
    /// What is measured.
    pub metrics: Metrics,
    /// The dashboard.
    pub pages: Pages,
}

/// The table of contents.
pub fn router(
    handles: Handles,
    (socket, connections): (SocketIoLayer, ConnectionRegistry),
    gates: Gates,
) -> Router {
    let rate = &gates.rate;
    let cors = cors(&gates.origins);
    let limited = from_fn_with_state(rate.clone(), rate_limit::limit);
    let signed_only = from_fn_with_state(rate.clone(), rate_limit::limit_unsigned);
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
        .merge(webhooks.layer(signed_only)) // POST /webhooks/shopify
        .merge(health) //                      /healthz, /readyz
        .merge(metrics::router(handles.metrics)) // /metrics
        .method_not_allowed_fallback(|| async { Error::MethodNotAllowed })
        // Few layers of many parts: every layer is copied with every request.
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
        .layer(from_fn_with_state(connections, connection_registry::watch))
        .layer(from_fn_with_state(Arc::new(gates), guard))
        .layer(
            ServiceBuilder::new()
                .layer(CatchPanicLayer::custom(panicked))
                .layer(map_request(observe::tidy_id))
                .layer(SetRequestIdLayer::new(observe::REQUEST_ID, observe::NewId))
                .layer(PropagateRequestIdLayer::new(observe::REQUEST_ID))
                .layer(TraceLayer::new_for_http().make_span_with(request_span))
                .layer(map_response(headers::protect))
                .layer(cors),
        )
}

/// Lets a request through all gates, or says which one is closed to it. One layer
/// for all: every layer is copied with every request.
async fn guard(State(gates): State<Arc<Gates>>, request: Request, next: Next) -> Response {
    let checked = gates.hosts.check(&request);
    let checked = checked.and_then(|()| origin::check(&request, &gates.origins));
    let admitted = match checked {
        Ok(()) => gates.handshakes.admit(request).await,
        Err(refusal) => Err(refusal.into()),
    };
    match admitted {
        Ok(request) => gates.bodies.count(request, next).await,
        Err(refused) => refused.into_response(),
    }
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
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::DELETE])
        .allow_headers([
            CONTENT_TYPE,
            IF_MATCH,
            HeaderName::from_static("idempotency-key"),
            HeaderName::from_static("x-editor-name"),
        ])
        .expose_headers([ETAG, RETRY_AFTER, observe::REQUEST_ID])
}

/// A bug, answered like any other error; the panic itself is in the log.
fn panicked(_: Box<dyn std::any::Any + Send + 'static>) -> Response {
    Error::Internal(anyhow::anyhow!("a handler panicked")).into_response()
}

/// Names a request by its route, never by what is in it.
fn request_span<B>(request: &http::Request<B>) -> tracing::Span {
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("-", MatchedPath::as_str);
    let id = request.headers().get(observe::REQUEST_ID);
    let id = id.and_then(|id| id.to_str().ok()).unwrap_or("-");
    info_span!("request", method = %request.method(), route, request.id = id)
}
