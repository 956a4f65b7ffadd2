//! `GET /orders/changes`: the orders that changed since a cursor, so that a client that
//! was disconnected gets exactly the changes that it missed.

use axum::Json;
use axum::extract::State;
use domain::wire::{MAX_PAGE, OrderChanges};
use platform::http::error::Result;
use platform::http::paging;
use platform::http::problem::ProblemResponse;
use platform::http::query::QueryString;
use platform::live::feed::changes::changes;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::feed::OrderFeed;
use crate::handle::Orders;

/// The query string, before validation.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Params {
    /// `cursor` of the last answer; without it, the answer has a cursor to begin from.
    #[param(pattern = "^[A-Za-z0-9_-]+$")]
    since: Option<String>,
    /// Changes per answer.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u64>,
}

/// The orders that changed since a cursor.
///
/// Without `since` the answer has no orders, only a cursor to begin from.
#[utoipa::path(get, path = "/orders/changes", tag = "orders", operation_id = "order_changes", params(Params), responses(
    (status = 200, body = OrderChanges, description = "The changes, or the first of them"),
    (status = 400, response = ProblemResponse), (status = 503, response = ProblemResponse)
))]
pub async fn handler(
    State(orders): State<Orders>,
    QueryString(params): QueryString<Params>,
) -> Result<Json<OrderChanges>> {
    let limit = paging::limit(params.limit, MAX_PAGE)?;
    let changes = changes::<OrderFeed>(&orders.0.db, params.since.as_deref(), limit).await?;
    Ok(Json(OrderChanges {
        data: changes.items,
        cursor: changes.cursor,
        has_more: changes.has_more,
    }))
}
