//! Key figures, moved along with every change of an order, in the same
//! transaction: reading them never scans orders.

use std::collections::BTreeMap;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use domain::order::OrderState;
use domain::status::OrderStatus;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveValue::Set, DbErr, EntityTrait, ExprTrait};
use uuid::Uuid;

use crate::db::WriteTx;
use crate::db::entities::{order_figure, order_hour};

/// Writers of different orders mostly touch different rows.
const SHARDS: u8 = 16;

/// A row of `order_figures`: shard, status, currency.
type FigureKey = (i16, OrderStatus, String);

/// A row of `order_hours`: hour, shard.
type HourKey = (DateTime<Utc>, i16);

/// What is to be added to one row of `order_figures`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Share {
    orders: i64,
    total_minor: i64,
    delivery_seconds: i64,
}

/// What a transaction adds to the figures, row by row. The maps are sorted, so
/// rows are always locked in the same order and no two writers can wait for
/// each other.
#[derive(Debug, Default)]
struct Delta {
    figures: BTreeMap<FigureKey, Share>,
    hours: BTreeMap<HourKey, i64>,
}

impl Delta {
    fn add(&mut self, order: &OrderState, sign: i64) {
        let shard = shard(order.id);
        let delivery = order.delivered_at.map_or(0, |delivered| {
            (delivered - order.channel.placed_at).num_seconds()
        });
        let key = (shard, order.status, order.channel.currency.clone());
        let share = self.figures.entry(key).or_default();
        share.orders += sign;
        share.total_minor += sign * order.channel.total_minor;
        share.delivery_seconds += sign * Ord::max(delivery, 0);
        *self.hours.entry((hour(order), shard)).or_default() += sign;
    }
}

/// Moves the figures from an order's state before to its state after; `None`
/// is an order that does not exist (yet, or any more).
pub async fn record(
    tx: &WriteTx,
    before: Option<&OrderState>,
    after: Option<&OrderState>,
) -> Result<(), DbErr> {
    record_all(tx, std::iter::once((before, after))).await
}

/// As [`record`], for many orders at once.
pub async fn record_all<'a>(
    tx: &WriteTx,
    changes: impl Iterator<Item = (Option<&'a OrderState>, Option<&'a OrderState>)>,
) -> Result<(), DbErr> {
    let mut delta = Delta::default();
    for (before, after) in changes {
        if let Some(before) = before {
            delta.add(before, -1);
        }
        if let Some(after) = after {
            delta.add(after, 1);
        }
    }
    for ((shard, status, currency), share) in delta.figures {
        if share != Share::default() {
            add_figure(tx, shard, status, currency, share).await?;
        }
    }
    for ((hour, shard), orders) in delta.hours {
        if orders != 0 {
            add_hour(tx, shard, hour, orders).await?;
        }
    }
    Ok(())
}

/// The hour an order was placed in.
fn hour(order: &OrderState) -> DateTime<Utc> {
    hour_of(order.channel.placed_at)
}

/// The start of the hour.
pub fn hour_of(time: DateTime<Utc>) -> DateTime<Utc> {
    time.duration_trunc(TimeDelta::hours(1)).unwrap_or(time)
}

/// The random end of a `UUIDv7`.
const fn shard(id: Uuid) -> i16 {
    (id.as_bytes()[15] % SHARDS) as i16
}

async fn add_figure(
    tx: &WriteTx,
    shard: i16,
    status: OrderStatus,
    currency: String,
    share: Share,
) -> Result<(), DbErr> {
    use order_figure::{ActiveModel, Column, Entity};
    let add = |column: Column| {
        let known = Expr::col((Entity, column));
        (column, known.add(Expr::col(("excluded", column))))
    };
    let row = ActiveModel {
        shard: Set(shard),
        status: Set(status.to_string()),
        currency: Set(currency),
        orders: Set(share.orders),
        total_minor: Set(share.total_minor),
        delivery_seconds: Set(share.delivery_seconds),
    };
    Entity::insert(row)
        .on_conflict(
            OnConflict::columns([Column::Shard, Column::Status, Column::Currency])
                .values([
                    add(Column::Orders),
                    add(Column::TotalMinor),
                    add(Column::DeliverySeconds),
                ])
                .to_owned(),
        )
        .exec_without_returning(&**tx)
        .await
        .map(drop)
}

async fn add_hour(tx: &WriteTx, shard: i16, hour: DateTime<Utc>, orders: i64) -> Result<(), DbErr> {
    use order_hour::{ActiveModel, Column, Entity};
    let row = ActiveModel {
        hour: Set(hour),
        shard: Set(shard),
        orders: Set(orders),
    };
    let known = Expr::col((Entity, Column::Orders));
    Entity::insert(row)
        .on_conflict(
            OnConflict::columns([Column::Hour, Column::Shard])
                .value(
                    Column::Orders,
                    known.add(Expr::col(("excluded", Column::Orders))),
                )
                .to_owned(),
        )
        .exec_without_returning(&**tx)
        .await
        .map(drop)
}
