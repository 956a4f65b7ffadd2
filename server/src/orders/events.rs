//! `GET /orders/{id}/events`: an order's history, newest first.

use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use domain::wire::{DEFAULT_PAGE, OrderEventPage};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::store;
use crate::error::{Error, Result};
use crate::openapi::ProblemResponse;
use crate::paging;
use crate::state::AppState;

/// The query string, before validation. The cursor of a history is a version.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Params {
    /// Entries a page.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u64>,
    /// `nextCursor` of the page before.
    cursor: Option<i64>,
}

/// An order's history, newest first.
#[utoipa::path(get, path = "/orders/{id}/events", tag = "orders", operation_id = "order_events", params(("id" = Uuid, Path, description = "The order"), Params), responses(
    (status = 200, body = OrderEventPage, description = "A page"),
    (status = 400, response = ProblemResponse), (status = 404, response = ProblemResponse), (status = 503, response = ProblemResponse)
))]
pub async fn handler(
    State(state): State<AppState>,
    id: std::result::Result<Path<Uuid>, PathRejection>,
    params: std::result::Result<Query<Params>, QueryRejection>,
) -> Result<Json<OrderEventPage>> {
    let Path(id) = id?;
    let Query(params) = params.map_err(|rejection| Error::BadQuery(rejection.body_text()))?;
    let limit = paging::limit(params.limit, DEFAULT_PAGE)?;
    if store::find(state.db.read(), id).await?.is_none() {
        return Err(Error::OrderNotFound);
    }
    let mut data = store::events(state.db.read(), id, params.cursor, limit + 1).await?;
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
