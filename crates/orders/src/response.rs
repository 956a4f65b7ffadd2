//! What answers about one order have in common.

use axum::Json;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::HeaderValue;
use axum::http::header::ETAG;
use axum::response::{IntoResponse, Response};
use domain::wire::Order;
use uuid::Uuid;

use crate::error::OrderError;

/// The id in a path. An id that is not a UUID names no order, hence the 404.
pub fn order_id(
    id: std::result::Result<Path<Uuid>, PathRejection>,
) -> std::result::Result<Uuid, OrderError> {
    id.map(|Path(id)| id).map_err(|_| OrderError::NotFound)
}

/// The response for an order, with its version as the `ETag`.
pub fn versioned(order: &Order) -> Response {
    let mut response = Json(order).into_response();
    if let Ok(etag) = HeaderValue::from_str(&format!("\"{}\"", order.version)) {
        response.headers_mut().insert(ETAG, etag);
    }
    response
}
