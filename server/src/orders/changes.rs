//! `GET /orders/changes`: what changed since a cursor, so that a client that was
//! away catches up on exactly the gap: all that is committed now and was not
//! when its cursor was read. A change that commits late is not skipped, and one
//! that was broadcast before the client came back does not wait until an older
//! transaction ends: nobody would tell it again.

mod cursor;

use std::collections::HashMap;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use domain::orders::order::OrderState;
use domain::wire::{MAX_PAGE, Order, OrderChanges};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Statement};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use self::cursor::{Cursor, Position, Snapshot, Within};
use crate::db::Db;
use crate::db::entities::order;
use crate::error::{Error, Result};
use crate::openapi::ProblemResponse;
use crate::paging;
use crate::state::AppState;

/// The query string, before validation.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Params {
    /// `cursor` of the last answer; without it, one to begin from is returned.
    #[param(pattern = "^[A-Za-z0-9_-]+$")]
    since: Option<String>,
    /// Changes an answer.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u64>,
}

/// What changed since a cursor.
///
/// Without `since` there is nothing to catch up on: the
/// answer is empty, with a cursor to begin from.
#[utoipa::path(get, path = "/orders/changes", tag = "orders", operation_id = "order_changes", params(Params), responses(
    (status = 200, body = OrderChanges, description = "The gap, or part of it"),
    (status = 400, response = ProblemResponse), (status = 503, response = ProblemResponse)
))]
pub async fn handler(
    State(state): State<AppState>,
    params: std::result::Result<Query<Params>, QueryRejection>,
) -> Result<Json<OrderChanges>> {
    let Query(params) = params.map_err(|rejection| Error::BadQuery(rejection.body_text()))?;
    let limit = paging::limit(params.limit, MAX_PAGE)?;
    let Some(since) = params.since else {
        return Ok(Json(OrderChanges {
            data: Vec::new(),
            cursor: cursor_now(&state.db).await?,
            has_more: false,
        }));
    };
    let foreign = || Error::BadQuery("since is not a cursor of this database; start anew".into());
    let since = Cursor::decode(&since).ok_or_else(foreign)?;
    // Before reading: what is committed meanwhile is told twice, not never.
    let now = Snapshot::now(&state.db).await?;
    // Ahead of everything: from before the database was restored elsewhere.
    if since.told.xmax > now.xmax {
        return Err(foreign());
    }
    Ok(Json(changes(&state.db, since, now, limit).await?))
}

/// A cursor after everything that is committed.
pub async fn cursor_now(db: &Db) -> Result<String, DbErr> {
    Ok(Cursor::after(Snapshot::now(db).await?).encode())
}

/// A `PostgreSQL` dump restored into another cluster brings transaction ids
/// that lie in that cluster's future; changes would stay unread until it gets
/// there. They are all committed, so they may count as ancient.
pub async fn heal_after_restore(db: &Db) -> Result<(), DbErr> {
    let sql = "UPDATE order_events SET xid = 0
               WHERE xid >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint";
    let result = db.read().execute_raw(statement(db, sql, [])).await?;
    if result.rows_affected() > 0 {
        tracing::info!(
            changes = result.rows_affected(),
            "database was restored elsewhere"
        );
    }
    Ok(())
}

async fn changes(db: &Db, since: Cursor, now: Snapshot, limit: u64) -> Result<OrderChanges, DbErr> {
    let mut events = events(db, &since, limit + 1).await?;
    let is_full = paging::cut(&mut events, limit);
    let ends_pages = since.within.is_some();
    let until = since.within.map_or(now, |within| within.until);
    let cursor = match events.last() {
        Some((last, _)) if is_full => Cursor {
            told: since.told,
            within: Some(Within { until, last: *last }),
        },
        _ => Cursor::after(until),
    };
    Ok(OrderChanges {
        data: orders(db, events.iter().map(|(_, order_id)| *order_id)).await?,
        cursor: cursor.encode(),
        // What was committed between two pages may lie before the second: only
        // one page from beginning to end closes a gap.
        has_more: is_full || ends_pages,
    })
}

/// Changes that `since` does not cover, oldest transaction first.
async fn events(db: &Db, since: &Cursor, limit: u64) -> Result<Vec<(Position, Uuid)>, DbErr> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let query = if db.is_sqlite() {
        let sql = "SELECT 0 AS xid, seq, order_id FROM order_events
                   WHERE seq > $1 ORDER BY seq LIMIT $2";
        let read = since.within.as_ref().map(|within| within.last.seq);
        let read = read.unwrap_or(since.told.xmin);
        statement(db, sql, [read.into(), limit.into()])
    } else {
        let sql = "SELECT xid, seq, order_id FROM order_events
                   WHERE (xid, seq) > ($1, $2)
                     AND NOT pg_visible_in_snapshot(xid::text::xid8, $3::pg_snapshot)
                   ORDER BY xid, seq LIMIT $4";
        let (told, read) = (since.told.to_string(), since.position());
        let values = [read.xid.into(), read.seq.into(), told.into(), limit.into()];
        statement(db, sql, values)
    };
    let rows = db.read().query_all_raw(query).await?;
    rows.iter()
        .map(|row| {
            let position = Position {
                xid: row.try_get("", "xid")?,
                seq: row.try_get("", "seq")?,
            };
            Ok((position, row.try_get("", "order_id")?))
        })
        .collect()
}

/// The orders as they are now, each once, in the order of their last change.
async fn orders(db: &Db, ids: impl Iterator<Item = Uuid>) -> Result<Vec<Order>, DbErr> {
    let mut last_change: HashMap<Uuid, usize> = HashMap::new();
    for (index, id) in ids.enumerate() {
        last_change.insert(id, index);
    }
    let rows = order::Entity::find()
        .filter(order::Column::Id.is_in(last_change.keys().copied()))
        .all(db.read())
        .await?;
    let mut orders = rows
        .into_iter()
        .map(|row| OrderState::try_from(row).map(|state| Order::from(&state)))
        .collect::<Result<Vec<_>, _>>()?;
    orders.sort_by_key(|order| last_change.get(&order.id).copied());
    Ok(orders)
}

fn statement<const N: usize>(db: &Db, sql: &str, values: [sea_orm::Value; N]) -> Statement {
    Statement::from_sql_and_values(db.backend(), sql, values)
}
