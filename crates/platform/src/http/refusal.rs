//! Requests that are refused before a handler sees them, whatever they ask for.

use axum::http::StatusCode;

use super::problem::ProblemKind;

/// Why a request was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The body is over the limit of its address.
    #[error("the body is larger than this address takes")]
    BodyTooLarge,
    /// The body took too long to arrive.
    #[error("the body did not arrive in time")]
    BodyTooSlow,
    /// Too much is under way already.
    #[error("the server is busy; try again in a moment")]
    Overloaded,
    /// The request names no host, several, or what is none.
    #[error("a request must have one Host header that names a host")]
    BadHost,
    /// The request is for another host.
    #[error("this server does not answer to that host name; ALLOWED_HOSTS names those it does")]
    UnknownHost,
    /// A page of another site sent this.
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
