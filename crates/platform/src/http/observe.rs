//! Counts requests and their duration, and gives each an id for logs.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use metrics::{counter, histogram};
use tower_http::request_id::{MakeRequestId, RequestId};
use uuid::Uuid;

use crate::metric_names as names;

/// `X-Request-Id`: set by a proxy or by this server. It is in the logs and in the response.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id that is accepted from a proxy, in bytes.
const MAX_ID: usize = 64;

/// Makes ids for requests that have none.
#[derive(Debug, Clone, Copy)]
pub struct MakeId;

impl MakeRequestId for MakeId {
    fn make_request_id<B>(&mut self, _: &axum::http::Request<B>) -> Option<RequestId> {
        let id = Uuid::now_v7().to_string();
        HeaderValue::from_str(&id).ok().map(RequestId::new)
    }
}

/// Removes an id that is too long, or has characters that are not safe in a log.
#[expect(clippy::unused_async, reason = "axum's middleware is async")]
pub async fn remove_unsafe_id(mut request: Request) -> Request {
    let is_safe = |id: &HeaderValue| {
        id.len() <= MAX_ID
            && id.as_bytes().iter().all(|byte| {
                byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':')
            })
    };
    if request
        .headers()
        .get(REQUEST_ID)
        .is_some_and(|id| !is_safe(id))
    {
        request.headers_mut().remove(REQUEST_ID);
    }
    request
}

/// Counts a request by its route, and never by its path, which may contain personal data.
pub async fn count(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = method_label(request.method());
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "other".to_owned(), |route| route.as_str().to_owned());
    let response = next.run(request).await;
    let status = response.status().as_u16().to_string();
    histogram!(names::REQUEST, "method" => method, "route" => route.clone())
        .record(started.elapsed());
    counter!(names::REQUESTS, "method" => method, "route" => route, "status" => status)
        .increment(1);
    response
}

/// The label of a method. Clients can send any method, so unknown ones share one label.
fn method_label(method: &axum::http::Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "POST" => "POST",
        "PUT" => "PUT",
        "HEAD" => "HEAD",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}
