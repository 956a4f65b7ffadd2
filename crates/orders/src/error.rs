//! The errors of requests about orders, and the HTTP problems that clients get for them.

use axum::http::StatusCode;
use domain::orders::edit::FieldError;
use domain::wire::{Conflict, Order};
use platform::http::error::{Error as HttpError, SubjectError};
use platform::http::problem::ProblemKind;
use sea_orm::DbErr;

/// A request about orders that did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum OrderError {
    /// There is no such order.
    #[error("there is no order with this id")]
    NotFound,
    /// Some fields cannot be stored as sent.
    #[error("some fields were refused")]
    InvalidFields(Vec<FieldError>),
    /// An update does not name the version that it was made on.
    #[error("send the version the edit was made on, as 'version' or in If-Match")]
    VersionRequired,
    /// The order changed since the edit began.
    #[error("the order was changed by somebody else since version {version}")]
    VersionConflict {
        /// The version the edit was made on.
        version: i64,
        /// The order as stored.
        current: Box<Order>,
        /// The fields in conflict.
        conflicts: Vec<Conflict>,
    },
    /// An `Idempotency-Key` was used again with a different request.
    #[error("this Idempotency-Key was used for a different edit")]
    KeyReused,
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] DbErr),
    /// There was another failure.
    #[error("something went wrong")]
    Internal(#[from] anyhow::Error),
}

impl OrderError {
    /// Whether the request was refused. Otherwise the server failed to carry it out.
    pub const fn is_refusal(&self) -> bool {
        !matches!(self, Self::Database(_) | Self::Internal(_))
    }

    const fn kind(&self) -> Option<ProblemKind> {
        let (status, name, title) = match self {
            Self::NotFound => (StatusCode::NOT_FOUND, "order-not-found", "No such order"),
            Self::InvalidFields(_) => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "invalid-fields",
                "Invalid fields",
            ),
            Self::VersionRequired => (
                StatusCode::PRECONDITION_REQUIRED,
                "version-required",
                "Version required",
            ),
            Self::VersionConflict { .. } => {
                (StatusCode::CONFLICT, "version-conflict", "Version conflict")
            }
            Self::KeyReused => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "idempotency-key-reused",
                "Idempotency key reused",
            ),
            Self::Database(_) | Self::Internal(_) => return None,
        };
        Some(ProblemKind::new(status, name, title))
    }
}

impl From<OrderError> for HttpError {
    fn from(error: OrderError) -> Self {
        let answer = error
            .kind()
            .map(|kind| SubjectError::new(kind, error.to_string()));
        match (error, answer) {
            (OrderError::Database(error), _) => Self::Database(error),
            (OrderError::Internal(error), _) => Self::Internal(error),
            (OrderError::InvalidFields(errors), Some(answer)) => {
                answer.with(|problem| problem.errors = errors).into()
            }
            (
                OrderError::VersionConflict {
                    current, conflicts, ..
                },
                Some(answer),
            ) => answer
                .with(|problem| {
                    problem.current = Some(current);
                    problem.conflicts = conflicts;
                })
                .into(),
            (_, Some(answer)) => answer.into(),
            (error, None) => Self::Internal(anyhow::Error::new(error)),
        }
    }
}
