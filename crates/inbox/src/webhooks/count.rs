//! Counts webhooks by outcome, for alerts.

use std::time::Instant;

use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use metrics::{counter, histogram};
use platform::http::problem::ProblemKind;

use crate::error::TOO_MANY_NEW_SHOPS;
use crate::metric_names as names;

fn is(response: &Response, kind: ProblemKind) -> bool {
    response.extensions().get::<ProblemKind>() == Some(&kind)
}

/// The outcome of a webhook that was answered with 200.
#[derive(Debug, Clone, Copy)]
pub struct WebhookOutcome(pub &'static str);

/// Counts a webhook by its outcome and measures the time of its answer.
pub async fn count_webhook(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let response = next.run(request).await;
    let outcome = match response.status() {
        StatusCode::OK => response
            .extensions()
            .get::<WebhookOutcome>()
            .map_or("accepted", |outcome| outcome.0),
        StatusCode::UNAUTHORIZED | StatusCode::TOO_MANY_REQUESTS => "unauthorized",
        StatusCode::BAD_REQUEST | StatusCode::METHOD_NOT_ALLOWED | StatusCode::REQUEST_TIMEOUT => {
            "malformed"
        }
        StatusCode::PAYLOAD_TOO_LARGE => "too_large",
        StatusCode::UNPROCESSABLE_ENTITY => "rejected",
        // The server works as configured: no operator has to act.
        StatusCode::FORBIDDEN => "refused",
        StatusCode::SERVICE_UNAVAILABLE if is(&response, TOO_MANY_NEW_SHOPS) => "refused",
        _ => "unavailable",
    };
    counter!(names::WEBHOOKS, "outcome" => outcome).increment(1);
    histogram!(names::WEBHOOK_ACK).record(started.elapsed());
    response
}
