//! Counts the orders of a list, exactly where that is cheap and otherwise up to a limit.

use domain::orders::search;
use domain::orders::status::OrderStatus;
use domain::wire::OrderQuery;
use platform::db::Db;
use platform::db::bulk::Bulk;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter,
    QuerySelect,
};

use super::access_path::{AccessPath, filter};
use crate::entities::order::{Column, Entity};
use crate::entities::order_stat;

/// Orders that match a filter are counted up to this number; above it the total is an
/// estimate (a lower bound).
const MAX_COUNT: u64 = 10_000;

/// The number of orders that are sampled to find out whether a search matches many.
const SAMPLE: f64 = 5_000.0;

/// The number of orders that match, and whether it is an estimate. Without a filter, or
/// with only a status, the number is in the statistics; otherwise matches are counted up
/// to [`MAX_COUNT`].
pub(super) async fn total(db: &Db, query: &OrderQuery) -> Result<(u64, bool), DbErr> {
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
        .filter(filter(db, query, AccessPath::FindThenSort))
        .limit(MAX_COUNT + 1)
        .count(db.read())
        .await?;
    Ok((Ord::min(counted, MAX_COUNT), counted > MAX_COUNT))
}

/// The number of orders with these statuses, or of all orders if there are none, from
/// the statistics.
async fn count_by_status(db: &Db, statuses: &[OrderStatus]) -> Result<u64, DbErr> {
    let mut stats = order_stat::Entity::find()
        .select_only()
        .expr_as(order_stat::Column::Orders.sum().cast_as("BIGINT"), "orders");
    if !statuses.is_empty() {
        let status = statuses.iter().map(|status| status.as_str());
        stats = stats.filter(order_stat::Column::Status.is_in(status));
    }
    let sum: Option<Option<i64>> = stats.into_tuple().one(db.read()).await?;
    Ok(u64::try_from(sum.flatten().unwrap_or(0)).unwrap_or(0))
}

/// Whether a search matches more than [`MAX_COUNT`] orders, estimated from a sample of
/// all orders. Counting them exactly would make the index list all matches.
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
