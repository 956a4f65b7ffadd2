//! Key figures, moved along with every change of an order, in the same
//! transaction: reading them never scans orders.

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

/// What one order contributes to the figures.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Share {
    status: OrderStatus,
    currency: String,
    total_minor: i64,
    delivery_seconds: i64,
}

impl Share {
    fn of(order: &OrderState) -> Self {
        let delivery = order.delivered_at.map_or(0, |delivered| {
            (delivered - order.channel.placed_at).num_seconds()
        });
        Self {
            status: order.status,
            currency: order.channel.currency.clone(),
            total_minor: order.channel.total_minor,
            delivery_seconds: Ord::max(delivery, 0),
        }
    }
}

/// Moves the figures from an order's state before to its state after; `None`
/// is an order that does not exist (yet, or any more).
pub async fn record(
    tx: &WriteTx,
    before: Option<&OrderState>,
    after: Option<&OrderState>,
) -> Result<(), DbErr> {
    let Some(id) = after.or(before).map(|order| order.id) else {
        return Ok(());
    };
    let shard = shard(id);
    let (old, new) = (before.map(Share::of), after.map(Share::of));
    if old != new {
        let mut steps: Vec<(Share, i64)> = Vec::with_capacity(2);
        steps.extend(old.map(|share| (share, -1)));
        steps.extend(new.map(|share| (share, 1)));
        // Always in the same order, or two writers could wait for each other.
        steps.sort_by(|(a, _), (b, _)| (a.status, &a.currency).cmp(&(b.status, &b.currency)));
        for (share, sign) in steps {
            add_figure(tx, shard, share, sign).await?;
        }
    }
    let (old, new) = (before.map(hour), after.map(hour));
    if old != new {
        let mut steps: Vec<(DateTime<Utc>, i64)> = Vec::with_capacity(2);
        steps.extend(old.map(|hour| (hour, -1)));
        steps.extend(new.map(|hour| (hour, 1)));
        steps.sort_unstable();
        for (hour, sign) in steps {
            add_hour(tx, shard, hour, sign).await?;
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

async fn add_figure(tx: &WriteTx, shard: i16, share: Share, sign: i64) -> Result<(), DbErr> {
    use order_figure::{ActiveModel, Column, Entity};
    let add = |column: Column| {
        let known = Expr::col((Entity, column));
        (column, known.add(Expr::col(("excluded", column))))
    };
    let row = ActiveModel {
        shard: Set(shard),
        status: Set(share.status.to_string()),
        currency: Set(share.currency),
        orders: Set(sign),
        total_minor: Set(sign.saturating_mul(share.total_minor)),
        delivery_seconds: Set(sign.saturating_mul(share.delivery_seconds)),
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

async fn add_hour(tx: &WriteTx, shard: i16, hour: DateTime<Utc>, sign: i64) -> Result<(), DbErr> {
    use order_hour::{ActiveModel, Column, Entity};
    let row = ActiveModel {
        hour: Set(hour),
        shard: Set(shard),
        orders: Set(sign),
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
