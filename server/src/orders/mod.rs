//! The REST API of orders.
//!
//! - [`list`]: `GET /orders`, keyset pages, and [`signposts`] for jumps
//! - [`changes`]: `GET /orders/changes`, for catching up
//! - [`events`]: `GET /orders/{id}/events`, an order's history
//! - [`update`]: `PUT /orders/{id}`; [`edit`] has the rules ([`idempotency`] and [`editor`]
//!   beside it), [`desk`] saves, many together
//! - [`stats`]: `GET /orders/stats`, from [`figures`]
//! - [`store`]: the SQL, and the one place that writes orders

pub mod changes;
pub mod cursor;
pub mod desk;
pub mod edit;
pub mod editor;
pub mod events;
pub mod figures;
pub mod idempotency;
pub mod list;
mod rows;
pub mod signposts;
pub mod stats;
pub mod store;
mod total;
pub mod update;
mod way;

use axum::extract::rejection::PathRejection;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::HeaderValue;
use axum::http::header::ETAG;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use domain::wire::Order;
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::openapi::ProblemResponse;
use crate::state::AppState;

/// The largest body of `PUT /orders/{id}`, in bytes: notes of the longest kind
/// in the widest characters, with room to spare.
pub const MAX_BODY: usize = 64 * 1024;

/// The order endpoints.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/orders", get(list::handler))
        .route("/orders/changes", get(changes::handler))
        .route("/orders/stats", get(stats::handler))
        .route("/orders/{id}/events", get(events::handler))
        .route("/orders/{id}", get(show).put(update::handler))
        .layer(DefaultBodyLimit::max(MAX_BODY))
}

/// One order.
#[utoipa::path(get, path = "/orders/{id}", tag = "orders", operation_id = "show_order", params(("id" = Uuid, Path, description = "The order")), responses(
    (status = 200, body = Order, description = "The order", headers(("ETag" = String, description = "Its version, quoted"))),
    (status = 404, response = ProblemResponse), (status = 503, response = ProblemResponse)
))]
pub async fn show(
    State(state): State<AppState>,
    id: std::result::Result<Path<Uuid>, PathRejection>,
) -> Result<Response> {
    let Path(id) = id?;
    let order = store::find(state.db.read(), id).await?;
    Ok(versioned(&Order::from(&order.ok_or(Error::OrderNotFound)?)))
}

/// An order as a response, its version as the `ETag`.
fn versioned(order: &Order) -> Response {
    let mut response = Json(order).into_response();
    if let Ok(etag) = HeaderValue::from_str(&format!("\"{}\"", order.version)) {
        response.headers_mut().insert(ETAG, etag);
    }
    response
}
