//! `GET /orders/stats`, summed from a few dozen rows, so that its cost does not grow with
//! the number of orders.
//!
//! - [`rollup`]: updates these rows with every change of an order
//! - [`cache`]: reads them, at most once a second

pub mod cache;
pub mod rollup;

use axum::Json;
use axum::extract::State;
use domain::wire::OrderStats;
use platform::http::error::Result;
use platform::http::problem::ProblemResponse;

use crate::handle::Orders;

/// Statistics of orders, at most a second old.
#[utoipa::path(get, path = "/orders/stats", tag = "orders", operation_id = "order_stats", responses(
    (status = 200, body = OrderStats, description = "The statistics"),
    (status = 503, response = ProblemResponse)
))]
pub async fn handler(State(orders): State<Orders>) -> Result<Json<OrderStats>> {
    Ok(Json(orders.0.stats.get(&orders.0.db).await?))
}
