//! Reads the statistics, and keeps them for a second.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::money;
use domain::orders::status::OrderStatus;
use domain::wire::{HourCount, OrderStats, Revenue};
use platform::db::{Db, now};
use sea_orm::{
    ColumnTrait, DbErr, EntityTrait, ExprTrait, FromQueryResult, QueryFilter, QuerySelect,
};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::rollup::hour_of;
use crate::entities::order_hour;
use crate::entities::order_stat::{Column, Entity};

/// Statistics are read again after this time, so that any number of dashboards cost one
/// query a second.
const MAX_AGE: Duration = Duration::from_secs(1);

/// The latest statistics; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct StatsCache(Arc<Mutex<Option<(Instant, OrderStats)>>>);

impl StatsCache {
    /// Statistics that are at most a second old. Concurrent callers wait for one query.
    pub async fn get(&self, db: &Db) -> Result<OrderStats, DbErr> {
        let mut cached = self.0.lock().await;
        if let Some((counted, stats)) = &*cached
            && counted.elapsed() < MAX_AGE
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
    /// As text, because `PostgreSQL` sums bigints into a numeric.
    total_minor: String,
    delivery_seconds: String,
}

async fn count(db: &Db) -> Result<OrderStats, DbErr> {
    let sum = |column: Column| column.sum().cast_as("TEXT");
    let groups: Vec<Group> = Entity::find()
        .select_only()
        .columns([Column::Status, Column::Currency])
        .expr_as(Column::Orders.sum().cast_as("BIGINT"), "orders")
        .expr_as(sum(Column::TotalMinor), "total_minor")
        .expr_as(sum(Column::DeliverySeconds), "delivery_seconds")
        .group_by(Column::Status)
        .group_by(Column::Currency)
        .into_model()
        .all(db.read())
        .await?;
    let mut stats = summarise(&groups);
    stats.placed_by_hour = placed_by_hour(db).await?;
    stats.placed_last_24h = stats.placed_by_hour.iter().map(|hour| hour.orders).sum();
    Ok(stats)
}

/// The last 24 hours including the current one, also those without orders.
async fn placed_by_hour(db: &Db) -> Result<Vec<HourCount>, DbErr> {
    let this_hour = hour_of(now());
    let first = this_hour - TimeDelta::hours(23);
    let counted: Vec<(DateTime<Utc>, i64)> = order_hour::Entity::find()
        .select_only()
        .column(order_hour::Column::Hour)
        .expr_as(order_hour::Column::Orders.sum().cast_as("BIGINT"), "orders")
        .filter(order_hour::Column::Hour.between(first, this_hour))
        .group_by(order_hour::Column::Hour)
        .into_tuple()
        .all(db.read())
        .await?;
    let counted: HashMap<_, _> = counted.into_iter().collect();
    let hours = (0..24).map(|hours| first + TimeDelta::hours(hours));
    Ok(hours
        .map(|hour| {
            let orders = counted.get(&hour).copied().unwrap_or(0);
            HourCount {
                hour,
                orders: u64::try_from(orders).unwrap_or(0),
            }
        })
        .collect())
}

fn summarise(groups: &[Group]) -> OrderStats {
    let mut stats = OrderStats {
        total_orders: 0,
        placed_last_24h: 0,
        placed_by_hour: Vec::new(),
        by_status: OrderStatus::ALL.into_iter().map(|s| (s, 0)).collect(),
        active_shipments: 0,
        revenue: Vec::new(),
        average_delivery_seconds: None,
    };
    let mut revenue = std::collections::BTreeMap::<&str, (i64, u64)>::new();
    let mut delivery_seconds = 0_i64;
    for group in groups {
        let orders = u64::try_from(group.orders).unwrap_or(0);
        stats.total_orders += orders;
        let Ok(status) = group.status.parse::<OrderStatus>() else {
            continue;
        };
        *stats.by_status.entry(status).or_default() += orders;
        if status == OrderStatus::Delivered {
            delivery_seconds += group.delivery_seconds.parse::<i64>().unwrap_or(0);
        }
        if orders > 0
            && matches!(
                status,
                OrderStatus::Confirmed | OrderStatus::Shipped | OrderStatus::Delivered
            )
        {
            let sum = revenue.entry(&group.currency).or_default();
            sum.0 = sum.0.saturating_add(group.total_minor.parse().unwrap_or(0));
            sum.1 += orders;
        }
    }
    let delivered = i64::try_from(stats.by_status[&OrderStatus::Delivered]).unwrap_or(0);
    stats.average_delivery_seconds = delivery_seconds.checked_div(delivered);
    stats.active_shipments = stats.by_status[&OrderStatus::Shipped];
    stats.revenue = revenue
        .into_iter()
        .map(|(currency, (minor, orders))| Revenue {
            currency: currency.to_owned(),
            amount: money::format(minor, currency),
            orders,
        })
        .collect();
    // Sorted by the number of orders, because amounts in different currencies cannot be
    // compared.
    stats
        .revenue
        .sort_by_key(|revenue| std::cmp::Reverse(revenue.orders));
    stats
}
