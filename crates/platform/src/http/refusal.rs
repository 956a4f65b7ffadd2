//! Reasons to refuse a request before a handler reads it, which any path can answer.

use axum::http::StatusCode;

use super::problem::ProblemKind;

/// Why a request was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The body is larger than its path accepts.
    #[error("the body is larger than this address takes")]
    BodyTooLarge,
    /// The body took too long to arrive.
    #[error("the body did not arrive in time")]
    BodyTooSlow,
    /// Too many bodies are in flight, or too many sessions are open.
    #[error("the server is busy; try again in a moment")]
    Overloaded,
    /// The request has no valid `Host` header, or several.
    #[error("a request must have one Host header that names a host")]
    BadHost,
    /// The request is for another host.
    #[error("this server does not answer to that host name; ALLOWED_HOSTS names those it does")]
    UnknownHost,
    /// A page of another site sent the request.
    #[error("pages of other sites may not change anything here")]
    CrossSite,
}

impl Refusal {
    pub(super) const fn kind(self) -> ProblemKind {
        let (status, name, title) = match self {
            Self::BodyTooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "body-too-large",
                "Body too large",
            ),
            Self::BodyTooSlow => (
                StatusCode::REQUEST_TIMEOUT,
                "body-too-slow",
                "Body too slow",
            ),
            Self::Overloaded => (StatusCode::SERVICE_UNAVAILABLE, "overloaded", "Overloaded"),
            Self::BadHost => (StatusCode::BAD_REQUEST, "bad-host", "Bad host"),
            Self::UnknownHost => (
                StatusCode::MISDIRECTED_REQUEST,
                "unknown-host",
                "Unknown host",
            ),
            Self::CrossSite => (StatusCode::FORBIDDEN, "cross-site", "Cross-site request"),
        };
        ProblemKind::new(status, name, title)
    }
}
