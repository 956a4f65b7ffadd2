//! `GET /orders/stats`: the key figures.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use chrono::TimeDelta;
use domain::api::{OrderStats, Revenue};
use domain::money;
use domain::status::OrderStatus;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, DbErr, EntityTrait, ExprTrait, FromQueryResult, PaginatorTrait, QueryFilter,
    QuerySelect,
};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::db::entities::order::{Column, Entity};
use crate::db::{Db, now};
use crate::error::Result;
use crate::state::AppState;

/// How long figures are served before they are counted again: any number of
/// dashboards cost one count a second.
const FRESH: Duration = Duration::from_secs(1);

/// The latest figures; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct StatsCache(Arc<Mutex<Option<(Instant, OrderStats)>>>);

/// `GET /orders/stats`
pub async fn handler(State(state): State<AppState>) -> Result<Json<OrderStats>> {
    Ok(Json(state.stats.get(&state.db).await?))
}

impl StatsCache {
    /// Figures at most a second old. Concurrent callers wait for one count.
    pub async fn get(&self, db: &Db) -> Result<OrderStats, DbErr> {
        let mut cached = self.0.lock().await;
        if let Some((counted, stats)) = &*cached
            && counted.elapsed() < FRESH
        {
            return Ok(stats.clone());
        }
        let stats = count(db).await?;
        *cached = Some((Instant::now(), stats.clone()));
        Ok(stats)
    }
}

#[derive(FromQueryResult)]
struct Group {
    status: String,
    currency: String,
    orders: i64,
    /// As text: `PostgreSQL` sums bigints into a numeric.
    total_minor: String,
}

async fn count(db: &Db) -> Result<OrderStats, DbErr> {
    let groups: Vec<Group> = Entity::find()
        .select_only()
        .columns([Column::Status, Column::Currency])
        .column_as(Column::Id.count(), "orders")
        .expr_as(Column::TotalMinor.sum().cast_as("TEXT"), "total_minor")
        .group_by(Column::Status)
        .group_by(Column::Currency)
        .into_model()
        .all(db.read())
        .await?;
    let placed_last_24h = Entity::find()
        .filter(Column::PlacedAt.gte(now() - TimeDelta::hours(24)))
        .count(db.read())
        .await?;
    let mut stats = summarise(&groups);
    stats.placed_last_24h = placed_last_24h;
    stats.average_delivery_seconds = average_delivery(db).await?;
    Ok(stats)
}

/// Mean time from placed to delivered, in whole seconds.
async fn average_delivery(db: &Db) -> Result<Option<i64>, DbErr> {
    // The one place where the two engines count time differently.
    let average = if db.is_sqlite() {
        "CAST(AVG((julianday(delivered_at) - julianday(placed_at)) * 86400) AS BIGINT)"
    } else {
        "CAST(AVG(EXTRACT(EPOCH FROM delivered_at - placed_at)) AS BIGINT)"
    };
    let row: Option<Option<i64>> = Entity::find()
        .select_only()
        .expr_as(Expr::cust(average), "seconds")
        .filter(Column::Status.eq(OrderStatus::Delivered.as_str()))
        .into_tuple()
        .one(db.read())
        .await?;
    Ok(row.flatten().map(|seconds| Ord::max(seconds, 0)))
}

fn summarise(groups: &[Group]) -> OrderStats {
    let mut stats = OrderStats {
        total_orders: 0,
        placed_last_24h: 0,
        by_status: OrderStatus::ALL.into_iter().map(|s| (s, 0)).collect(),
        active_shipments: 0,
        revenue: Vec::new(),
        average_delivery_seconds: None,
    };
    let mut revenue = std::collections::BTreeMap::<&str, (i64, u64)>::new();
    for group in groups {
        let orders = u64::try_from(group.orders).unwrap_or(0);
        stats.total_orders += orders;
        let Ok(status) = group.status.parse::<OrderStatus>() else {
            continue;
        };
        *stats.by_status.entry(status).or_default() += orders;
        if matches!(
            status,
            OrderStatus::Confirmed | OrderStatus::Shipped | OrderStatus::Delivered
        ) {
            let sum = revenue.entry(&group.currency).or_default();
            sum.0 = sum.0.saturating_add(group.total_minor.parse().unwrap_or(0));
            sum.1 += orders;
        }
    }
    stats.active_shipments = stats.by_status[&OrderStatus::Shipped];
    stats.revenue = revenue
        .into_iter()
        .map(|(currency, (minor, orders))| Revenue {
            currency: currency.to_owned(),
            amount: money::format(minor, currency),
            orders,
        })
        .collect();
    // Amounts in different currencies do not compare; how many orders do.
    stats
        .revenue
        .sort_by_key(|revenue| std::cmp::Reverse(revenue.orders));
    stats
}
