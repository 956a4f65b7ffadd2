//! `GET /orders/{id}`: one order.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use domain::wire::Order;
use platform::http::error::Result;
use platform::http::problem::ProblemResponse;
use uuid::Uuid;

use crate::error::OrderError;
use crate::handle::Orders;
use crate::response::{order_id, versioned};
use crate::store;

/// One order.
#[utoipa::path(get, path = "/orders/{id}", tag = "orders", operation_id = "show_order", params(("id" = Uuid, Path, description = "The order")), responses(
    (status = 200, body = Order, description = "The order", headers(("ETag" = String, description = "Its version, quoted"))),
    (status = 404, response = ProblemResponse), (status = 503, response = ProblemResponse)
))]
pub async fn handler(
    State(orders): State<Orders>,
    id: std::result::Result<Path<Uuid>, PathRejection>,
) -> Result<Response> {
    let id = order_id(id)?;
    let order = store::find(orders.0.db.read(), id).await?;
    Ok(versioned(&Order::from(&order.ok_or(OrderError::NotFound)?)))
}
