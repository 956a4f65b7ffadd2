//! `GET /orders`: keyset pages, so that page one thousand costs what page one
//! does and rows arriving meanwhile shift nothing.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use domain::api::{DEFAULT_PAGE, MAX_PAGE, Order, OrderPage, OrderQuery, OrderSort};
use domain::order::OrderState;
use domain::status::OrderStatus;
use sea_orm::{
    ColumnTrait, Condition, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use serde::Deserialize;

use super::cursor::PageCursor;
use crate::db::Db;
use crate::db::entities::order::{Column, Entity};
use crate::error::{Error, Result};
use crate::state::AppState;

/// The query string, before validation. Unknown parameters are refused rather
/// than ignored: a misspelt filter must not answer with everything.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    limit: Option<u64>,
    cursor: Option<String>,
    status: Option<String>,
    sort: Option<String>,
}

/// `GET /orders`
pub async fn handler(
    State(state): State<AppState>,
    params: std::result::Result<Query<Params>, QueryRejection>,
) -> Result<Json<OrderPage>> {
    let Query(params) = params.map_err(|rejection| Error::BadQuery(rejection.body_text()))?;
    Ok(Json(page(&state.db, &params.validate()?).await?))
}

impl Params {
    fn validate(self) -> Result<OrderQuery> {
        if let Some(limit) = self.limit
            && !(1..=MAX_PAGE).contains(&limit)
        {
            return Err(Error::BadQuery(format!("limit must be 1 to {MAX_PAGE}")));
        }
        let sort = match self.sort.as_deref() {
            None => OrderSort::default(),
            Some(sort) => OrderSort::parse(sort).ok_or_else(|| {
                let known = OrderSort::ALL.map(OrderSort::as_str).join(", ");
                Error::BadQuery(format!("sort must be one of {known}"))
            })?,
        };
        let status = self.status.unwrap_or_default();
        let status = status
            .split(',')
            .filter(|name| !name.trim().is_empty())
            .map(|name| {
                name.parse::<OrderStatus>()
                    .map_err(|error| Error::BadQuery(error.to_string()))
            })
            .collect::<Result<_>>()?;
        Ok(OrderQuery {
            limit: self.limit,
            cursor: self.cursor,
            status,
            sort,
        })
    }
}

/// One page of orders.
pub async fn page(db: &Db, query: &OrderQuery) -> Result<OrderPage> {
    let limit = query.limit.unwrap_or(DEFAULT_PAGE);
    let after = match &query.cursor {
        None => None,
        Some(text) => Some(
            PageCursor::decode(text, query.sort)
                .ok_or_else(|| Error::BadQuery("cursor is not one of this list".into()))?,
        ),
    };
    let mut filter = Condition::all();
    if !query.status.is_empty() {
        filter = filter.add(Column::Status.is_in(query.status.iter().map(|s| s.as_str())));
    }
    let total = Entity::find()
        .filter(filter.clone())
        .count(db.read())
        .await?;
    let mut orders = rows(db, query.sort, filter, after, limit + 1).await?;
    let has_more = orders.len() as u64 > limit;
    orders.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next_cursor = orders.last().filter(|_| has_more).map(|last| {
        let at = match query.sort {
            OrderSort::PlacedAscending | OrderSort::PlacedDescending => last.channel.placed_at,
            OrderSort::UpdatedAscending | OrderSort::UpdatedDescending => last.updated_at,
        };
        PageCursor { at, id: last.id }.encode(query.sort)
    });
    Ok(OrderPage {
        data: orders.iter().map(Order::from).collect(),
        next_cursor,
        has_more,
        total,
        total_is_estimate: false,
    })
}

async fn rows(
    db: &Db,
    sort: OrderSort,
    mut filter: Condition,
    after: Option<PageCursor>,
    limit: u64,
) -> Result<Vec<OrderState>, DbErr> {
    let column = match sort {
        OrderSort::PlacedAscending | OrderSort::PlacedDescending => Column::PlacedAt,
        OrderSort::UpdatedAscending | OrderSort::UpdatedDescending => Column::UpdatedAt,
    };
    let direction = if sort.is_descending() {
        sea_orm::Order::Desc
    } else {
        sea_orm::Order::Asc
    };
    if let Some(after) = after {
        let (beyond, tie) = if sort.is_descending() {
            (column.lt(after.at), Column::Id.lt(after.id))
        } else {
            (column.gt(after.at), Column::Id.gt(after.id))
        };
        filter = filter.add(
            Condition::any()
                .add(beyond)
                .add(Condition::all().add(column.eq(after.at)).add(tie)),
        );
    }
    let rows = Entity::find()
        .filter(filter)
        .order_by(column, direction.clone())
        .order_by(Column::Id, direction)
        .limit(limit)
        .all(db.read())
        .await?;
    rows.into_iter().map(OrderState::try_from).collect()
}
