//! Updates the statistics with every change of an order, in the same transaction, so that
//! reading them never scans the orders.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use domain::orders::order::OrderState;
use domain::orders::status::OrderStatus;
use platform::db::bulk::Rows;
use platform::db::write_batch::WriteBatch;

/// Consecutive transactions update different shards, so that writers seldom wait for each
/// other's rows. The statistics are the sums over all shards.
const SHARDS: usize = 16;

/// The amounts that are added to one row of `order_figures`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct RowDelta {
    orders: i64,
    total_minor: i64,
    delivery_seconds: i64,
}

/// The amounts that a transaction adds to the statistics, by row. The maps are sorted, so
/// rows are always locked in the same order and no two writers can wait for each other.
#[derive(Debug, Default)]
struct Delta {
    sums: BTreeMap<(OrderStatus, String), RowDelta>,
    hours: BTreeMap<DateTime<Utc>, i64>,
}

impl Delta {
    fn add(&mut self, order: &OrderState, sign: i64) {
        let delivery = order.delivered_at.map_or(0, |delivered| {
            (delivered - order.channel.placed_at).num_seconds()
        });
        let key = (order.status, order.channel.currency.clone());
        let row = self.sums.entry(key).or_default();
        row.orders += sign;
        row.total_minor += sign * order.channel.total_minor;
        row.delivery_seconds += sign * Ord::max(delivery, 0);
        *self.hours.entry(hour(order)).or_default() += sign;
    }
}

/// Adds the update of the statistics for changed orders to a batch of writes. Each change
/// has the state before and after; `None` means that the order does not exist then.
pub fn record<'a>(
    writes: &mut WriteBatch,
    changes: impl Iterator<Item = (Option<&'a OrderState>, Option<&'a OrderState>)>,
) {
    let mut delta = Delta::default();
    for (before, after) in changes {
        if let Some(before) = before {
            delta.add(before, -1);
        }
        if let Some(after) = after {
            delta.add(after, 1);
        }
    }
    delta.sums.retain(|_, row| *row != RowDelta::default());
    delta.hours.retain(|_, orders| *orders != 0);
    let shard = next_shard();
    add_sums(writes, shard, &delta.sums);
    add_hours(writes, shard, &delta.hours);
}

/// The hour in which an order was placed.
fn hour(order: &OrderState) -> DateTime<Utc> {
    hour_of(order.channel.placed_at)
}

/// The start of the hour of a time.
pub fn hour_of(time: DateTime<Utc>) -> DateTime<Utc> {
    time.duration_trunc(TimeDelta::hours(1)).unwrap_or(time)
}

fn next_shard() -> i16 {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let shard = NEXT.fetch_add(1, Ordering::Relaxed) % SHARDS;
    i16::try_from(shard).unwrap_or(0)
}

fn add_sums(writes: &mut WriteBatch, shard: i16, sums: &BTreeMap<(OrderStatus, String), RowDelta>) {
    if sums.is_empty() {
        return;
    }
    let values = |column: fn(&RowDelta) -> i64| sums.values().map(column);
    let rows = Rows::default()
        .with("shard", sums.iter().map(|_| shard))
        .with("status", sums.keys().map(|(status, _)| status.to_string()))
        .with(
            "currency",
            sums.keys().map(|(_, currency)| currency.clone()),
        )
        .with("orders", values(|row| row.orders))
        .with("total_minor", values(|row| row.total_minor))
        .with("delivery_seconds", values(|row| row.delivery_seconds));
    writes.insert(
        "order_figures",
        rows,
        "ON CONFLICT (shard, status, currency) DO UPDATE SET
           orders = order_figures.orders + excluded.orders,
           total_minor = order_figures.total_minor + excluded.total_minor,
           delivery_seconds = order_figures.delivery_seconds + excluded.delivery_seconds",
    );
}

fn add_hours(writes: &mut WriteBatch, shard: i16, hours: &BTreeMap<DateTime<Utc>, i64>) {
    if hours.is_empty() {
        return;
    }
    let rows = Rows::default()
        .with("hour", hours.keys().copied())
        .with("shard", hours.iter().map(|_| shard))
        .with("orders", hours.values().copied());
    writes.insert(
        "order_hours",
        rows,
        "ON CONFLICT (hour, shard) DO UPDATE SET orders = order_hours.orders + excluded.orders",
    );
}
