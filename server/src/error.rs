//! What can go wrong with a request, and the one place that turns it into a
//! response: `application/problem+json` (RFC 9457).

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::orders::edit::FieldError;
use domain::wire::{Conflict, Order, Problem};
use sea_orm::DbErr;
use tracing::{error, warn};
use uuid::Uuid;

use crate::db::is_unavailable;
use crate::deliveries::inbox::InboxError;
use crate::http::refusal::Refusal;

/// A request that did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The signature is missing or wrong.
    #[error("the webhook's signature is missing or does not match its body")]
    Unsigned,
    /// A webhook lacks something the channel always sends.
    #[error("{0}")]
    BadWebhook(String),
    /// A signed webhook that is not an order; recorded under this id.
    #[error("{reason}")]
    NotAnOrder {
        /// Why not.
        reason: String,
        /// The delivery it was recorded as.
        delivery_id: Uuid,
    },
    /// It was refused before anybody looked at what it asks for.
    #[error("{0}")]
    Refused(#[from] Refusal),
    /// The shop is not one of those whose webhooks are taken.
    #[error("webhooks of this shop are not taken here")]
    ShopNotAllowed,
    /// Too many shops that nobody had heard of came within an hour.
    #[error("too many new shops within an hour; send it again later")]
    TooManyNewShops,
    /// There is no such shop.
    #[error("there is no shop of this name")]
    ShopNotFound,
    /// A query parameter makes no sense.
    #[error("{0}")]
    BadQuery(String),
    /// The body cannot be read.
    #[error("{0}")]
    BadBody(String),
    /// There is no such thing.
    #[error("there is no order with this id")]
    OrderNotFound,
    /// Fields were refused.
    #[error("some fields were refused")]
    InvalidFields(Vec<FieldError>),
    /// An update does not say which version it was made on.
    #[error("send the version the edit was made on, as 'version' or in If-Match")]
    VersionRequired,
    /// The order changed since the edit began.
    #[error("the order was changed by somebody else since version {version}")]
    VersionConflict {
        /// The version the edit was made on.
        version: i64,
        /// The order as stored.
        current: Box<Order>,
        /// Field by field.
        conflicts: Vec<Conflict>,
    },
    /// The address exists, but not for this method.
    #[error("this address does not take that method")]
    MethodNotAllowed,
    /// The body is of another kind.
    #[error("{0}")]
    UnsupportedBody(String),
    /// An `Idempotency-Key` came back with another request.
    #[error("this Idempotency-Key was used for a different edit")]
    KeyReused,
    /// There is no such delivery.
    #[error("there is no delivery with this id")]
    DeliveryNotFound,
    /// The delivery is not one that can be retried.
    #[error("only dead deliveries can be retried; this one is {state}")]
    NotRetryable {
        /// The state it is in.
        state: String,
    },
    /// The client sends too many requests.
    #[error("too many requests from this address; wait {seconds} s")]
    TooManyRequests {
        /// When to try again, in seconds.
        seconds: u64,
    },
    /// The webhook could not be stored.
    #[error("the delivery could not be stored; send it again")]
    NotStored(#[from] InboxError),
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] DbErr),
    /// Something else failed.
    #[error("something went wrong")]
    Internal(#[from] anyhow::Error),
}

/// What a handler returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The kind of an error, on its response, for who counts it.
#[derive(Debug, Clone, Copy)]
pub struct ProblemKind(pub &'static str);

impl Error {
    /// The kind of [`Self::TooManyNewShops`].
    pub const TOO_MANY_NEW_SHOPS: &str = "too-many-new-shops";

    /// Status, stable type and title of this kind of error.
    fn kind(&self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::Unsigned => (
                StatusCode::UNAUTHORIZED,
                "invalid-signature",
                "Invalid signature",
            ),
            Self::BadWebhook(_) => (StatusCode::BAD_REQUEST, "bad-webhook", "Bad webhook"),
            Self::NotAnOrder { .. } => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "not-an-order",
                "Not an order",
            ),
            Self::Refused(refusal) => refusal.kind(),
            Self::ShopNotAllowed => (
                StatusCode::FORBIDDEN,
                "shop-not-allowed",
                "Shop not allowed",
            ),
            Self::TooManyNewShops => (
                StatusCode::SERVICE_UNAVAILABLE,
                Self::TOO_MANY_NEW_SHOPS,
                "Too many new shops",
            ),
            Self::ShopNotFound => (StatusCode::NOT_FOUND, "shop-not-found", "No such shop"),
            Self::BadQuery(_) => (StatusCode::BAD_REQUEST, "bad-query", "Bad query"),
            Self::BadBody(_) => (StatusCode::BAD_REQUEST, "bad-body", "Bad body"),
            Self::OrderNotFound => (StatusCode::NOT_FOUND, "order-not-found", "No such order"),
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
            Self::MethodNotAllowed => (
                StatusCode::METHOD_NOT_ALLOWED,
                "method-not-allowed",
                "Method not allowed",
            ),
            Self::UnsupportedBody(_) => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported-body",
                "Unsupported body",
            ),
            Self::KeyReused => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "idempotency-key-reused",
                "Idempotency key reused",
            ),
            Self::DeliveryNotFound => (
                StatusCode::NOT_FOUND,
                "delivery-not-found",
                "No such delivery",
            ),
            Self::NotRetryable { .. } => (StatusCode::CONFLICT, "not-retryable", "Not retryable"),
            Self::TooManyRequests { .. } => (
                StatusCode::TOO_MANY_REQUESTS,
                "too-many-requests",
                "Too many requests",
            ),
            Self::NotStored(_) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "not-stored",
                "Delivery not stored",
            ),
            Self::Database(error) if is_unavailable(error) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "database-unavailable",
                "Database unavailable",
            ),
            Self::Database(_) | Self::Internal(_) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal",
                "Internal error",
            ),
        }
    }

    /// The error as its wire form. Causes are left out: they may hold what is
    /// nobody's business.
    pub fn into_problem(self) -> Problem {
        let (status, kind, title) = self.kind();
        let mut problem = Problem {
            kind: format!("/problems/{kind}"),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: Some(self.to_string()),
            current: None,
            conflicts: Vec::new(),
            errors: Vec::new(),
            delivery_id: None,
        };
        match self {
            Self::NotAnOrder { delivery_id, .. } => problem.delivery_id = Some(delivery_id),
            Self::InvalidFields(errors) => problem.errors = errors,
            Self::VersionConflict {
                current, conflicts, ..
            } => {
                problem.current = Some(current);
                problem.conflicts = conflicts;
            }
            _ => {}
        }
        problem
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        match &self {
            Self::Database(cause) => warn!(error = %cause, "request failed on the database"),
            Self::NotStored(cause) => warn!(error = %cause, "webhook was not stored"),
            Self::Internal(cause) => error!(error = format!("{cause:#}"), "request failed"),
            _ => {}
        }
        let retry_after = match &self {
            Self::TooManyRequests { seconds } => Some(*seconds),
            // Within the hour in which new shops are counted.
            Self::TooManyNewShops => Some(600),
            _ => None,
        };
        let (_, kind, _) = self.kind();
        let problem = self.into_problem();
        let status = StatusCode::from_u16(problem.status).unwrap_or_default();
        let mut response = (status, Json(problem)).into_response();
        response.extensions_mut().insert(ProblemKind(kind));
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

impl From<PathRejection> for Error {
    /// An id that is no UUID names no order.
    fn from(_: PathRejection) -> Self {
        Self::OrderNotFound
    }
}
