//! `GET /orders`: keyset pages, so that page one thousand costs what page one
//! does and rows arriving meanwhile shift nothing.

use std::collections::HashMap;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use chrono::{DateTime, Utc};
use domain::api::{DEFAULT_PAGE, Order, OrderPage, OrderQuery, OrderSort, last_id_at};
use domain::order::OrderState;
use domain::search;
use domain::status::OrderStatus;
use sea_orm::sea_query::{Expr, Func, SimpleExpr};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, ExprTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, Select,
};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::cursor::{self, PageCursor};
use crate::db::bulk::Bulk;
use crate::db::entities::order::{Column, Entity};
use crate::db::entities::order_figure;
use crate::db::{Db, now};
use crate::error::{Error, Result};
use crate::openapi::ProblemResponse;
use crate::paging;
use crate::state::AppState;

/// Filtered orders are counted up to here; beyond, the total is an estimate
/// (a lower bound).
const MAX_COUNT: u64 = 10_000;

/// Orders looked at to tell whether a search is common.
const SAMPLE: f64 = 5_000.0;

/// Lists longer than this get signposts before anybody asks.
const LONG: u64 = 20_000;

/// The furthest jump into a list.
const MAX_OFFSET: u64 = 100_000_000;

/// The query string, before validation. Unknown parameters are refused rather
/// than ignored: a misspelt filter must not answer with everything.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct Params {
    /// Orders a page.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u64>,
    /// `nextCursor` of the page before.
    cursor: Option<String>,
    /// Orders to skip, instead of a cursor. Costs more the larger it is.
    #[param(maximum = 100_000_000)]
    offset: Option<u64>,
    /// Only orders first stored up to this one: a snapshot that later orders do not shift.
    up_to: Option<Uuid>,
    /// Only these, comma-separated: PENDING, CONFIRMED, SHIPPED, DELIVERED, CANCELLED.
    status: Option<String>,
    /// -placedAt (default), placedAt, -updatedAt, updatedAt, -total, total, -name or name.
    sort: Option<String>,
    /// Words of name, Shopify id, customer or tracking number; the last letters may be missing.
    #[param(max_length = 100)]
    q: Option<String>,
    /// Only this shop.
    shop: Option<String>,
    /// Placed at or after.
    #[param(format = DateTime)]
    placed_from: Option<String>,
    /// Placed before.
    #[param(format = DateTime)]
    placed_to: Option<String>,
}

/// Orders, page by page.
#[utoipa::path(get, path = "/orders", tag = "orders", params(Params), responses(
    (status = 200, body = OrderPage, description = "A page"),
    (status = 400, response = ProblemResponse), (status = 503, response = ProblemResponse)
))]
pub async fn handler(
    State(state): State<AppState>,
    params: std::result::Result<Query<Params>, QueryRejection>,
) -> Result<Json<OrderPage>> {
    let Query(params) = params.map_err(|rejection| Error::BadQuery(rejection.body_text()))?;
    Ok(Json(page(&state, &params.validate()?).await?))
}

impl Params {
    fn validate(self) -> Result<OrderQuery> {
        let limit = paging::limit(self.limit, DEFAULT_PAGE)?;
        if self.offset.is_some() && self.cursor.is_some() {
            return Err(Error::BadQuery(
                "cursor and offset exclude each other".into(),
            ));
        }
        if self.offset.is_some_and(|offset| offset > MAX_OFFSET) {
            return Err(Error::BadQuery(format!(
                "offset must be at most {MAX_OFFSET}"
            )));
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
        let q = self.q.filter(|q| !q.trim().is_empty());
        if q.as_ref()
            .is_some_and(|q| q.chars().count() > search::MAX_QUERY)
        {
            let max = search::MAX_QUERY;
            return Err(Error::BadQuery(format!(
                "q must be at most {max} characters"
            )));
        }
        if self.shop.as_ref().is_some_and(|shop| shop.contains('\0')) {
            return Err(Error::BadQuery(
                "shop must not contain control characters".into(),
            ));
        }
        Ok(OrderQuery {
            limit: Some(limit),
            cursor: self.cursor,
            offset: self.offset,
            up_to: self.up_to,
            status,
            sort,
            q,
            shop: self.shop,
            placed_from: time("placedFrom", self.placed_from)?,
            placed_to: time("placedTo", self.placed_to)?,
        })
    }
}

fn time(name: &str, value: Option<String>) -> Result<Option<DateTime<Utc>>> {
    let Some(value) = value else {
        return Ok(None);
    };
    let time = DateTime::parse_from_rfc3339(&value).map_err(|_| {
        Error::BadQuery(format!(
            "{name} must be a time such as 2026-01-31T00:00:00Z"
        ))
    })?;
    Ok(Some(time.to_utc()))
}

/// One page of orders.
pub async fn page(state: &AppState, query: &OrderQuery) -> Result<OrderPage> {
    let db = &state.db;
    let limit = query.limit.unwrap_or(DEFAULT_PAGE);
    let after = match &query.cursor {
        None => None,
        Some(text) => Some(
            PageCursor::decode(text, query.sort)
                .ok_or_else(|| Error::BadQuery("cursor is not one of this list".into()))?,
        ),
    };
    // Taken before reading: what is stored meanwhile is later than this page.
    let up_to = query.up_to.unwrap_or_else(|| last_id_at(now()));
    let (total, total_is_estimate) = total(db, query).await?;
    let found = if query.q.is_some() && !total_is_estimate {
        Found::Few
    } else {
        Found::Many
    };
    let filter = filter(db, query, found);
    let mut orders = match query.offset {
        None | Some(0) => rows(db, query.sort, found, filter, after, limit + 1).await?,
        Some(offset) if found == Found::Few => {
            rows_from(db, query.sort, found, filter, None, offset, limit + 1).await?
        }
        Some(offset) => {
            let signposts = &state.signposts;
            signposts.rows(db, query, up_to, offset, limit + 1).await?
        }
    };
    let has_more = paging::cut(&mut orders, limit);
    if is_top(query) && total > LONG {
        prepare(state, query.clone(), up_to);
    }
    Ok(OrderPage {
        next_cursor: orders
            .last()
            .filter(|_| has_more)
            .map(|last| PageCursor::of(last, query.sort).encode(query.sort)),
        data: orders.iter().map(Order::from).collect(),
        has_more,
        total,
        total_is_estimate,
        up_to: orders.iter().map(|order| order.id).fold(up_to, Ord::max),
    })
}

/// The top of a list somebody may be about to scroll through.
fn is_top(query: &OrderQuery) -> bool {
    let plain = OrderQuery {
        limit: query.limit,
        sort: query.sort,
        ..OrderQuery::default()
    };
    let by_time = matches!(
        query.sort,
        OrderSort::PlacedDescending | OrderSort::PlacedAscending
    );
    by_time && *query == plain
}

/// Sets the list's signposts in the background: done before a hand reaches the
/// scrollbar.
fn prepare(state: &AppState, query: OrderQuery, up_to: Uuid) {
    let (db, signposts) = (state.db.clone(), state.signposts.clone());
    tokio::spawn(async move {
        if let Err(error) = signposts.prepare(&db, &query, up_to).await {
            // The first jump will set them.
            tracing::debug!(%error, "no signposts yet");
        }
    });
}

pub(super) fn filter(db: &Db, query: &OrderQuery, found: Found) -> Condition {
    let mut filter = Condition::all();
    if !query.status.is_empty() {
        filter = filter.add(Column::Status.is_in(query.status.iter().map(|s| s.as_str())));
    }
    if let Some(shop) = &query.shop {
        filter = filter.add(Column::Shop.eq(shop));
    }
    if let Some(from) = query.placed_from {
        filter = filter.add(Column::PlacedAt.gte(from));
    }
    if let Some(to) = query.placed_to {
        filter = filter.add(Column::PlacedAt.lt(to));
    }
    if let Some(up_to) = query.up_to {
        let id = if query.q.is_some() && found == Found::Many {
            // Not by its index: that is in another order.
            unindexed(Column::Id)
        } else {
            Expr::col(Column::Id)
        };
        filter = filter.add(id.lte(up_to));
    }
    if let Some(q) = &query.q {
        filter = filter.add(matches(db, q, found));
    }
    filter
}

/// Every word of the search, the last letters of each left open.
fn matches(db: &Db, q: &str, found: Found) -> SimpleExpr {
    let words = search::words(q);
    if words.is_empty() {
        // Nothing but punctuation: no order has that.
        return Expr::val(1).eq(0);
    }
    if db.is_sqlite() {
        let words: Vec<_> = words.iter().map(|word| format!("\"{word}\"*")).collect();
        let sql = "search_id IN (SELECT rowid FROM orders_search WHERE orders_search MATCH ?)";
        return Expr::cust_with_values(sql, [words.join(" ")]);
    }
    if found == Found::Few {
        let words: Vec<_> = words.iter().map(|word| format!("{word}:*")).collect();
        let sql = "to_tsvector('simple', search_text) @@ to_tsquery('simple', $1)";
        return Expr::cust_with_values(sql, [words.join(" & ")]);
    }
    // The same, ten times as quick for a row that is read anyway.
    let one = |word: &String| {
        let sql = "' ' || search_text LIKE $1";
        Expr::cust_with_values(sql, [format!("% {word}%")])
    };
    let mut words = words.iter().map(one);
    let first = words.next().unwrap_or_else(|| Expr::val(1).eq(1));
    words.fold(first, ExprTrait::and)
}

/// How many orders match, and whether that is an estimate. Without a filter,
/// or by status alone, the figures know; otherwise matches are counted up to
/// [`MAX_COUNT`].
async fn total(db: &Db, query: &OrderQuery) -> Result<(u64, bool), DbErr> {
    let only_status =
        query.shop.is_none() && query.placed_from.is_none() && query.placed_to.is_none();
    if only_status && query.q.is_none() {
        return Ok((count_by_status(db, &query.status).await?, false));
    }
    if only_status && !db.is_sqlite() && is_common(db, query).await? {
        return Ok((MAX_COUNT, true));
    }
    let counted = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(filter(db, query, Found::Few))
        .limit(MAX_COUNT + 1)
        .count(db.read())
        .await?;
    Ok((Ord::min(counted, MAX_COUNT), counted > MAX_COUNT))
}

/// As the figures know; of any status when none is named.
async fn count_by_status(db: &Db, statuses: &[OrderStatus]) -> Result<u64, DbErr> {
    let mut figures = order_figure::Entity::find().select_only().expr_as(
        order_figure::Column::Orders.sum().cast_as("BIGINT"),
        "orders",
    );
    if !statuses.is_empty() {
        let status = statuses.iter().map(|status| status.as_str());
        figures = figures.filter(order_figure::Column::Status.is_in(status));
    }
    let sum: Option<Option<i64>> = figures.into_tuple().one(db.read()).await?;
    Ok(u64::try_from(sum.flatten().unwrap_or(0)).unwrap_or(0))
}

/// Whether a search finds more than [`MAX_COUNT`] orders, judged by some of them
/// from everywhere: the index would have to list all that match.
async fn is_common(db: &Db, query: &OrderQuery) -> Result<bool, DbErr> {
    let all = count_by_status(db, &[]).await?;
    if all < 10 * MAX_COUNT {
        return Ok(false);
    }
    let words = search::words(query.q.as_deref().unwrap_or_default());
    if words.is_empty() {
        return Ok(false);
    }
    let mut sql = Bulk::new(db.backend());
    let mut matching: Vec<String> = words
        .iter()
        .map(|word| format!("' ' || search_text LIKE {}", sql.bind(format!("% {word}%"))))
        .collect();
    let statuses = query.status.iter().map(|status| sql.bind(status.as_str()));
    let statuses = statuses.collect::<Vec<_>>().join(", ");
    if !statuses.is_empty() {
        matching.push(format!("status IN ({statuses})"));
    }
    let matching = matching.join(" AND ");
    let percent = 100.0 * SAMPLE / f64::from(u32::try_from(all).unwrap_or(u32::MAX));
    let share = sql.bind(percent);
    let sampled = db.read().query_one_raw(sql.statement(&format!(
        "SELECT COUNT(*) AS looked_at, COUNT(*) FILTER (WHERE {matching}) AS found
         FROM orders TABLESAMPLE SYSTEM ({share})"
    )));
    let Some(row) = sampled.await? else {
        return Ok(false);
    };
    let (looked_at, found): (i64, i64) = (row.try_get("", "looked_at")?, row.try_get("", "found")?);
    let expected = i128::from(found) * i128::from(all) / i128::from(Ord::max(looked_at, 1));
    Ok(expected > i128::from(MAX_COUNT))
}

/// How many orders a search finds: where to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// Find them, then sort them. `PostgreSQL` guesses that any beginning of a
    /// word is in one order of fifty, and would rather read a million in order
    /// until it has met fifty that match.
    Few,
    /// Read in order, and leave out the others.
    Many,
}

async fn rows(
    db: &Db,
    sort: OrderSort,
    found: Found,
    filter: Condition,
    after: Option<PageCursor>,
    limit: u64,
) -> Result<Vec<OrderState>, DbErr> {
    let rows = list(sort, found, filter, after)
        .limit(limit)
        .all(db.read())
        .await?;
    rows.into_iter().map(OrderState::try_from).collect()
}

/// `limit` rows behind `after` and another `offset` rows. Only the index is read
/// up to there, then the rows themselves by id.
pub(super) async fn rows_from(
    db: &Db,
    sort: OrderSort,
    found: Found,
    filter: Condition,
    after: Option<PageCursor>,
    offset: u64,
    limit: u64,
) -> Result<Vec<OrderState>, DbErr> {
    let ids: Vec<Uuid> = list(sort, found, filter, after)
        .select_only()
        .column(Column::Id)
        .offset(offset)
        .limit(limit)
        .into_tuple()
        .all(db.read())
        .await?;
    let rows = Entity::find()
        .filter(Column::Id.is_in(ids.iter().copied()))
        .all(db.read())
        .await?;
    let mut rows: HashMap<Uuid, _> = rows.into_iter().map(|row| (row.id, row)).collect();
    ids.iter()
        .filter_map(|id| rows.remove(id))
        .map(OrderState::try_from)
        .collect()
}

/// The list behind `after`, in order.
fn list(
    sort: OrderSort,
    found: Found,
    mut filter: Condition,
    after: Option<PageCursor>,
) -> Select<Entity> {
    let column = cursor::column(sort);
    let direction = direction(sort);
    if let Some(PageCursor { key, id }) = after {
        // As one row comparison: an index on (column, id) answers it directly.
        let row = Expr::tuple([Expr::col(column), Expr::col(Column::Id)]);
        let last = Expr::tuple([Expr::val(key), Expr::val(id)]);
        filter = filter.add(if sort.is_descending() {
            row.lt(last)
        } else {
            row.gt(last)
        });
    }
    let key = match found {
        // No index is sorted by this.
        Found::Few => unindexed(column),
        Found::Many => Expr::col(column),
    };
    Entity::find()
        .filter(filter)
        .order_by(key, direction.clone())
        .order_by(Column::Id, direction)
}

/// The column, for which no index is used.
fn unindexed(column: Column) -> SimpleExpr {
    Func::coalesce([Expr::col(column), Expr::col(column)]).into()
}

fn direction(sort: OrderSort) -> sea_orm::Order {
    if sort.is_descending() {
        sea_orm::Order::Desc
    } else {
        sea_orm::Order::Asc
    }
}
