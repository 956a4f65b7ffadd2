//! Errors that any request can be answered with. Each subject has its own error enum, and
//! a `From` that converts it to [`Error`], so that all errors are answered in one form.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::wire::Problem;
use sea_orm::DbErr;
use tracing::{error, warn};

use super::problem::{ProblemKind, respond};
use super::refusal::Refusal;
use crate::db::is_unavailable;

/// The reason why a request failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A subject refused the request for a reason of its own.
    #[error(transparent)]
    Subject(Box<SubjectError>),
    /// The request was refused before a handler read it.
    #[error("{0}")]
    Refused(#[from] Refusal),
    /// A query parameter is not valid.
    #[error("{0}")]
    BadQuery(String),
    /// The body cannot be parsed.
    #[error("{0}")]
    BadBody(String),
    /// The body has another content type.
    #[error("{0}")]
    UnsupportedBody(String),
    /// The path exists, but not for this method.
    #[error("this address does not take that method")]
    MethodNotAllowed,
    /// The client sends too many requests.
    #[error("too many requests from this address; wait {seconds} s")]
    TooManyRequests {
        /// When to try again, in seconds.
        seconds: u64,
    },
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] DbErr),
    /// Something else failed.
    #[error("something went wrong")]
    Internal(#[from] anyhow::Error),
}

/// What a handler returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error that belongs to one subject, such as orders, ready to be answered.
#[derive(Debug, thiserror::Error)]
#[error("{}", .problem.title)]
pub struct SubjectError {
    kind: ProblemKind,
    problem: Problem,
    retry_after: Option<u64>,
    cause: Option<String>,
}

impl SubjectError {
    /// An error of this kind; `detail` explains it to the caller.
    pub fn new(kind: ProblemKind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            problem: kind.problem(detail),
            retry_after: None,
            cause: None,
        }
    }

    /// Adds members to the problem.
    #[must_use]
    pub fn with(mut self, add: impl FnOnce(&mut Problem)) -> Self {
        add(&mut self.problem);
        self
    }

    /// Sets after how many seconds the client may try again.
    #[must_use]
    pub const fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// Adds the cause, which is logged and never sent to the client.
    #[must_use]
    pub fn caused_by(mut self, cause: impl std::fmt::Display) -> Self {
        self.cause = Some(cause.to_string());
        self
    }
}

impl From<SubjectError> for Error {
    fn from(error: SubjectError) -> Self {
        Self::Subject(Box::new(error))
    }
}

const BAD_QUERY: ProblemKind = ProblemKind::new(StatusCode::BAD_REQUEST, "bad-query", "Bad query");

const BAD_BODY: ProblemKind = ProblemKind::new(StatusCode::BAD_REQUEST, "bad-body", "Bad body");

const UNSUPPORTED_BODY: ProblemKind = ProblemKind::new(
    StatusCode::UNSUPPORTED_MEDIA_TYPE,
    "unsupported-body",
    "Unsupported body",
);

const METHOD_NOT_ALLOWED: ProblemKind = ProblemKind::new(
    StatusCode::METHOD_NOT_ALLOWED,
    "method-not-allowed",
    "Method not allowed",
);

const TOO_MANY_REQUESTS: ProblemKind = ProblemKind::new(
    StatusCode::TOO_MANY_REQUESTS,
    "too-many-requests",
    "Too many requests",
);

const DATABASE_UNAVAILABLE: ProblemKind = ProblemKind::new(
    StatusCode::SERVICE_UNAVAILABLE,
    "database-unavailable",
    "Database unavailable",
);

const INTERNAL: ProblemKind = ProblemKind::new(
    StatusCode::INTERNAL_SERVER_ERROR,
    "internal",
    "Internal error",
);

impl Error {
    fn kind(&self) -> ProblemKind {
        match self {
            Self::Subject(error) => error.kind,
            Self::Refused(refusal) => refusal.kind(),
            Self::BadQuery(_) => BAD_QUERY,
            Self::BadBody(_) => BAD_BODY,
            Self::UnsupportedBody(_) => UNSUPPORTED_BODY,
            Self::MethodNotAllowed => METHOD_NOT_ALLOWED,
            Self::TooManyRequests { .. } => TOO_MANY_REQUESTS,
            Self::Database(error) if is_unavailable(error) => DATABASE_UNAVAILABLE,
            Self::Database(_) | Self::Internal(_) => INTERNAL,
        }
    }

    /// The problem that the client receives. It does not contain the cause, which may be
    /// confidential.
    pub fn into_problem(self) -> Problem {
        match self {
            Self::Subject(error) => error.problem,
            error => error.kind().problem(error.to_string()),
        }
    }

    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::TooManyRequests { seconds } => Some(*seconds),
            Self::Subject(error) => error.retry_after,
            _ => None,
        }
    }

    fn log_cause(&self) {
        match self {
            Self::Database(cause) => warn!(error = %cause, "request failed on the database"),
            Self::Internal(cause) => error!(error = format!("{cause:#}"), "request failed"),
            Self::Subject(subject) => {
                if let Some(cause) = &subject.cause {
                    warn!(error = cause, problem = subject.kind.name, "request failed");
                }
            }
            _ => {}
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        self.log_cause();
        let (kind, retry_after) = (self.kind(), self.retry_after());
        respond(kind, self.into_problem(), retry_after)
    }
}
