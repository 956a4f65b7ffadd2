//! `GET /orders/{id}/events`: an order's history, newest first, so that people can see
//! who changed what.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use domain::wire::{DEFAULT_PAGE, OrderEventPage};
use platform::http::error::Result;
use platform::http::paging;
use platform::http::problem::ProblemResponse;
use platform::http::query::QueryString;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::error::OrderError;
use crate::handle::Orders;
use crate::response::order_id;
use crate::store;

/// The query string, before validation. The cursor of a history is a version.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Params {
    /// Entries per page.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u64>,
    /// `nextCursor` of the previous page.
    cursor: Option<i64>,
}

/// An order's history, newest first.
#[utoipa::path(get, path = "/orders/{id}/events", tag = "orders", operation_id = "order_events", params(("id" = Uuid, Path, description = "The order"), Params), responses(
    (status = 200, body = OrderEventPage, description = "A page"),
    (status = 400, response = ProblemResponse), (status = 404, response = ProblemResponse), (status = 503, response = ProblemResponse)
))]
pub async fn handler(
    State(orders): State<Orders>,
    id: std::result::Result<Path<Uuid>, PathRejection>,
    QueryString(params): QueryString<Params>,
) -> Result<Json<OrderEventPage>> {
    let id = order_id(id)?;
    let limit = paging::limit(params.limit, DEFAULT_PAGE)?;
    if store::find(orders.0.db.read(), id).await?.is_none() {
        return Err(OrderError::NotFound.into());
    }
    let mut data = store::events(orders.0.db.read(), id, params.cursor, limit + 1).await?;
    let has_more = paging::cut(&mut data, limit);
    Ok(Json(OrderEventPage {
        next_cursor: data
            .last()
            .filter(|_| has_more)
            .map(|last| last.version.to_string()),
        has_more,
        data,
    }))
}
