//! The errors of the inbox, and the HTTP problems that clients get for them.

use std::sync::Arc;

use axum::http::StatusCode;
use platform::http::error::{Error as HttpError, SubjectError};
use platform::http::problem::ProblemKind;
use sea_orm::DbErr;
use uuid::Uuid;

/// `Retry-After` of a refused new shop, in seconds: part of the hour in which new shops
/// are counted.
const RETRY_NEW_SHOP: u64 = 600;

/// A request that the inbox refuses.
#[derive(Debug, thiserror::Error)]
pub enum InboxError {
    /// The signature is missing or wrong.
    #[error("the webhook's signature is missing or does not match its body")]
    Unsigned,
    /// A webhook lacks a header or a body that the channel always sends.
    #[error("{0}")]
    BadWebhook(String),
    /// A signed webhook is not an order. It is recorded as a rejected delivery.
    #[error("{reason}")]
    NotAnOrder {
        /// Why the body is not an order.
        reason: String,
        /// The delivery it was recorded as.
        delivery_id: Uuid,
    },
    /// The shop is not one of those whose webhooks are accepted.
    #[error("webhooks of this shop are not taken here")]
    ShopNotAllowed,
    /// Too many new shops sent webhooks within an hour.
    #[error("too many new shops within an hour; send it again later")]
    TooManyNewShops,
    /// There is no such shop.
    #[error("there is no shop of this name")]
    ShopNotFound,
    /// There is no such delivery.
    #[error("there is no delivery with this id")]
    DeliveryNotFound,
    /// The delivery is not one that can be retried.
    #[error("only dead deliveries can be retried; this one is {state}")]
    NotRetryable {
        /// The state it is in.
        state: String,
    },
    /// The webhook could not be stored.
    #[error("the delivery could not be stored; send it again")]
    NotStored(#[from] NotStored),
}

/// Why a delivery was not stored.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NotStored {
    /// Too many deliveries are waiting for a commit.
    #[error("the inbox is full")]
    Full,
    /// The server is shutting down.
    #[error("the inbox is closed")]
    Closed,
    /// The delivery was not stored before the deadline. It may still be stored later; then
    /// it is a duplicate when it is sent again.
    #[error("the inbox did not commit in time")]
    Late,
    /// The commit failed; nothing of the batch was stored.
    #[error("the inbox could not commit: {0}")]
    Database(Arc<DbErr>),
}

/// The kind of [`InboxError::TooManyNewShops`].
pub const TOO_MANY_NEW_SHOPS: ProblemKind = ProblemKind::new(
    StatusCode::SERVICE_UNAVAILABLE,
    "too-many-new-shops",
    "Too many new shops",
);

impl InboxError {
    const fn kind(&self) -> ProblemKind {
        let (status, name, title) = match self {
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
            Self::ShopNotAllowed => (
                StatusCode::FORBIDDEN,
                "shop-not-allowed",
                "Shop not allowed",
            ),
            Self::TooManyNewShops => return TOO_MANY_NEW_SHOPS,
            Self::ShopNotFound => (StatusCode::NOT_FOUND, "shop-not-found", "No such shop"),
            Self::DeliveryNotFound => (
                StatusCode::NOT_FOUND,
                "delivery-not-found",
                "No such delivery",
            ),
            Self::NotRetryable { .. } => (StatusCode::CONFLICT, "not-retryable", "Not retryable"),
            Self::NotStored(_) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "not-stored",
                "Delivery not stored",
            ),
        };
        ProblemKind::new(status, name, title)
    }
}

impl From<InboxError> for HttpError {
    fn from(error: InboxError) -> Self {
        let answer = SubjectError::new(error.kind(), error.to_string());
        match error {
            InboxError::NotAnOrder { delivery_id, .. } => {
                answer.with(|problem| problem.delivery_id = Some(delivery_id))
            }
            InboxError::TooManyNewShops => answer.retry_after(RETRY_NEW_SHOP),
            InboxError::NotStored(cause) => answer.caused_by(cause),
            _ => answer,
        }
        .into()
    }
}

impl From<NotStored> for HttpError {
    fn from(cause: NotStored) -> Self {
        InboxError::from(cause).into()
    }
}
