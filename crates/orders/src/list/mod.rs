//! `GET /orders`: keyset pagination, so that page one thousand costs as much as page one
//! and new orders do not shift the pages.
//!
//! - `access_path`: chooses the index by which a list is read
//! - `rows`: reads the rows of a list; `total` counts them
//! - `cursor`: the end of a page, from which the next page continues
//! - [`offset_index`]: makes jumps into the middle of a long list fast

mod access_path;
mod cursor;
pub mod offset_index;
mod rows;
mod total;

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::channels::shop;
use domain::orders::search;
use domain::orders::status::OrderStatus;
use domain::time;
use domain::wire::{DEFAULT_PAGE, Order, OrderPage, OrderQuery, OrderSort, last_id_at};
use platform::db::now;
use platform::http::error::{Error, Result};
use platform::http::paging;
use platform::http::problem::ProblemResponse;
use platform::http::query::QueryString;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::handle::Orders;
use access_path::AccessPath;
use cursor::PageCursor;
use offset_index::is_all_orders_by_time;
use rows::{rows, rows_from};
use total::total;

/// The offset index of a list that is longer than this is built before the first jump.
const LONG_LIST: u64 = 20_000;

/// The largest offset of a jump into a list.
const MAX_OFFSET: u64 = 100_000_000;

/// The query string, before validation. Unknown parameters are refused, because a
/// misspelt filter must not return all orders.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct Params {
    /// Orders per page.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u64>,
    /// `nextCursor` of the previous page.
    #[param(pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
    /// Orders to skip, instead of a cursor. A larger offset costs more.
    #[param(maximum = 100_000_000)]
    offset: Option<u64>,
    /// Only orders that were stored up to this id: a snapshot that later orders do not shift.
    up_to: Option<Uuid>,
    /// Only these statuses, comma-separated.
    #[param(style = Form, explode = false, value_type = Option<Vec<OrderStatus>>)]
    status: Option<String>,
    /// The sort, `-placedAt` by default; `-` means largest first.
    #[param(value_type = Option<OrderSort>)]
    sort: Option<String>,
    /// Words of name, Shopify id, customer or tracking number; the last letters may be missing.
    #[param(max_length = 100)]
    q: Option<String>,
    /// Only this shop.
    #[param(pattern = "^[^\\x00]*$")]
    shop: Option<String>,
    /// Placed at this time or later.
    #[param(format = DateTime)]
    placed_from: Option<String>,
    /// Placed before this time.
    #[param(format = DateTime)]
    placed_to: Option<String>,
}

/// Orders, page by page.
#[utoipa::path(get, path = "/orders", tag = "orders", operation_id = "list_orders", params(Params), responses(
    (status = 200, body = OrderPage, description = "A page"),
    (status = 400, response = ProblemResponse), (status = 503, response = ProblemResponse)
))]
pub async fn handler(
    State(orders): State<Orders>,
    QueryString(params): QueryString<Params>,
) -> Result<Json<OrderPage>> {
    Ok(Json(page(&orders, &params.validate()?).await?))
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
            shop: self.shop.as_deref().map(shop::normal),
            placed_from: parse_time("placedFrom", self.placed_from)?,
            placed_to: parse_time("placedTo", self.placed_to)?,
        })
    }
}

fn parse_time(name: &str, value: Option<String>) -> Result<Option<DateTime<Utc>>> {
    let Some(value) = value else {
        return Ok(None);
    };
    let time = time::parse(&value).ok_or_else(|| {
        Error::BadQuery(format!(
            "{name} must be a time such as 2026-01-31T00:00:00Z"
        ))
    })?;
    Ok(Some(time))
}

/// One page of orders.
async fn page(handle: &Orders, query: &OrderQuery) -> Result<OrderPage> {
    let db = &handle.0.db;
    let limit = query.limit.unwrap_or(DEFAULT_PAGE);
    let after = match &query.cursor {
        None => None,
        Some(text) => Some(
            PageCursor::decode(text, query.sort)
                .ok_or_else(|| Error::BadQuery("cursor is not one of this list".into()))?,
        ),
    };
    // Taken before reading, so that orders that are stored meanwhile are not part of the
    // snapshot.
    let up_to = query.up_to.unwrap_or_else(|| last_id_at(now()));
    let (total, total_is_estimate) = total(db, query).await?;
    let path = if query.q.is_some() && !total_is_estimate {
        AccessPath::FindThenSort
    } else {
        AccessPath::for_list(db, query)
    };
    let mut orders = match query.offset {
        None | Some(0) => rows(db, query, path, after, limit + 1).await?,
        Some(offset) if path == AccessPath::FindThenSort => {
            rows_from(db, query, path, None, offset, limit + 1).await?
        }
        Some(offset) => {
            let indexes = &handle.0.offset_indexes;
            indexes.rows(db, query, up_to, offset, limit + 1).await?
        }
    };
    let has_more = paging::cut(&mut orders, limit);
    if is_top(query) && total > LONG_LIST {
        prepare(handle, query.clone(), up_to);
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

/// Whether a query reads the top of the list through which people are most likely to
/// scroll.
fn is_top(query: &OrderQuery) -> bool {
    let from_the_top = query.cursor.is_none() && query.offset.is_none() && query.up_to.is_none();
    from_the_top && is_all_orders_by_time(query)
}

/// Builds the list's offset index in the background, so that it is ready when a person
/// uses the scrollbar.
fn prepare(handle: &Orders, query: OrderQuery, up_to: Uuid) {
    let (db, indexes) = (handle.0.db.clone(), handle.0.offset_indexes.clone());
    tokio::spawn(async move {
        if let Err(error) = indexes.prepare(&db, &query, up_to).await {
            // Not an error: the first jump builds the index.
            tracing::debug!(%error, "no offset index yet");
        }
    });
}
