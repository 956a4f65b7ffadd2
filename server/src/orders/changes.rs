//! `GET /orders/changes`: what changed since a cursor, in commit order, so that
//! a client that was away catches up on exactly the gap.
//!
//! The cursor never passes a transaction that is still under way: on
//! `PostgreSQL` changes are read by (transaction id, number), and only up to
//! the oldest transaction in progress. A change that commits late was not
//! passed; it is read when it is there. On `SQLite` there is one writer, and
//! numbers follow commits.

use std::collections::HashMap;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::api::{MAX_PAGE, Order, OrderChanges};
use domain::order::OrderState;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, QueryFilter, Statement,
};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

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
    since: Option<String>,
    /// Changes an answer.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u64>,
}

/// How far a client has read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Position {
    xid: i64,
    seq: i64,
}

impl Position {
    fn encode(self) -> String {
        URL_SAFE_NO_PAD.encode(format!("{}.{}", self.xid, self.seq))
    }

    fn decode(text: &str) -> Option<Self> {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let (xid, seq) = text.split_once('.')?;
        Some(Self {
            xid: xid.parse().ok()?,
            seq: seq.parse().ok()?,
        })
    }
}

/// What changed since a cursor, in commit order.
///
/// Without `since` there is nothing to catch up on: the
/// answer is empty, with a cursor to begin from.
#[utoipa::path(get, path = "/orders/changes", tag = "orders", params(Params), responses(
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
    let since = Position::decode(&since).ok_or_else(foreign)?;
    // Ahead of everything: from before the database was restored elsewhere.
    if since > position_now(&state.db).await? {
        return Err(foreign());
    }
    Ok(Json(changes(&state.db, since, limit).await?))
}

/// A cursor after everything that is committed and cannot be passed any more.
pub async fn cursor_now(db: &Db) -> Result<String, DbErr> {
    position_now(db).await.map(Position::encode)
}

async fn position_now(db: &Db) -> Result<Position, DbErr> {
    let sql = if db.is_sqlite() {
        "SELECT 0 AS xid, last AS seq FROM order_event_counter"
    } else {
        // Everything below the oldest transaction in progress.
        "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1 AS xid,
                9223372036854775807 AS seq"
    };
    let row = db.read().query_one_raw(statement(db, sql, [])).await?;
    let row = row.ok_or_else(|| DbErr::RecordNotFound("a cursor".into()))?;
    Ok(Position {
        xid: row.try_get("", "xid")?,
        seq: row.try_get("", "seq")?,
    })
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

async fn changes(db: &Db, since: Position, limit: u64) -> Result<OrderChanges, DbErr> {
    let mut events = events(db, since, limit + 1).await?;
    let has_more = paging::cut(&mut events, limit);
    let last = events.last().map_or(since, |(position, _)| *position);
    Ok(OrderChanges {
        data: orders(db, events.iter().map(|(_, order_id)| *order_id)).await?,
        cursor: last.encode(),
        has_more,
    })
}

async fn events(db: &Db, since: Position, limit: u64) -> Result<Vec<(Position, Uuid)>, DbErr> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let query = if db.is_sqlite() {
        let sql = "SELECT 0 AS xid, seq, order_id FROM order_events
                   WHERE seq > $1 ORDER BY seq LIMIT $2";
        statement(db, sql, [since.seq.into(), limit.into()])
    } else {
        let sql = "SELECT xid, seq, order_id FROM order_events
                   WHERE (xid, seq) > ($1, $2)
                     AND xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
                   ORDER BY xid, seq LIMIT $3";
        statement(db, sql, [since.xid.into(), since.seq.into(), limit.into()])
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
    let backend = if db.is_sqlite() {
        DbBackend::Sqlite
    } else {
        DbBackend::Postgres
    };
    Statement::from_sql_and_values(backend, sql, values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_survives_the_wire_and_garbage_does_not() {
        let position = Position {
            xid: 7,
            seq: i64::MAX,
        };
        assert_eq!(Position::decode(&position.encode()), Some(position));
        for garbage in ["", "zzz", "!", "MQ"] {
            assert_eq!(Position::decode(garbage), None);
        }
    }
}
