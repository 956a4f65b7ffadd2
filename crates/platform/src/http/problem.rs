//! Problems: the form of every error response, `application/problem+json` (RFC 9457).

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::wire::Problem;
use utoipa::ToResponse;

/// An error, as every endpoint answers it.
#[derive(ToResponse)]
#[response(
    description = "What went wrong, as RFC 9457",
    content_type = "application/problem+json",
    headers(("Retry-After" = u64, description = "When to try again, in seconds: with 429 and 503"))
)]
#[expect(dead_code, reason = "names the body of a response")]
pub struct ProblemResponse(Problem);

/// A kind of problem. It is also an extension of the response, so that middleware can
/// count problems by kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProblemKind {
    /// The status of the response.
    pub status: StatusCode,
    /// The stable name, which follows `/problems/` in `type`.
    pub name: &'static str,
    /// The title for people.
    pub title: &'static str,
}

impl ProblemKind {
    /// A kind of problem.
    pub const fn new(status: StatusCode, name: &'static str, title: &'static str) -> Self {
        Self {
            status,
            name,
            title,
        }
    }

    /// A problem of this kind.
    pub fn problem(self, detail: impl Into<String>) -> Problem {
        Problem {
            kind: format!("/problems/{}", self.name),
            title: self.title.to_owned(),
            status: self.status.as_u16(),
            detail: Some(detail.into()),
            current: None,
            conflicts: Vec::new(),
            errors: Vec::new(),
            delivery_id: None,
        }
    }
}

/// A response with a problem; `retry_after` is in seconds.
pub(super) fn respond(kind: ProblemKind, problem: Problem, retry_after: Option<u64>) -> Response {
    let mut response = (kind.status, Json(problem)).into_response();
    response.extensions_mut().insert(kind);
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    if kind.status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    }
    if let Some(seconds) = retry_after {
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
    response
}
