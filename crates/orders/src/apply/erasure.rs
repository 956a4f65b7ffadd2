//! Erases personal data from orders, their history and the raw payloads about them, for
//! one customer or for a whole shop.

use std::collections::HashSet;

use domain::channels::account::{ChannelAccount, ExternalOrderId};
use domain::channels::data_subject::DataSubject;
use domain::orders::channel_rules::{self, ChannelOutcome};
use domain::orders::order::{FieldChange, OrderState};
use inbox::deliveries::erasure as deliveries;
use inbox::shops::store::{self as shops, is_of};
use platform::db::write_batch::WriteBatch;
use platform::db::{Db, WriteTx, now};
use platform::live::feed::Committed;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, Func};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, ExprTrait,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::Value;
use uuid::Uuid;

use crate::entities::{idempotency_key, order, order_event};
use crate::stats::rollup;
use crate::store::{Actor, Changes, EXTERNAL_ID, WriteError};

/// Orders of a shop that are erased in one transaction.
const BATCH: u64 = 200;

/// The text that replaces personal data.
pub const REDACTED: &str = "[redacted]";

/// Finds and locks the orders of a person at a shop, and those in `theirs`, always in the
/// same order, so that two requests cannot wait for each other.
pub async fn orders_of(
    tx: &WriteTx,
    account: &ChannelAccount,
    subject: &DataSubject,
    theirs: &HashSet<Uuid>,
) -> Result<Vec<OrderState>, DbErr> {
    let ids = subject.orders.iter().map(ExternalOrderId::as_str);
    let mut is_theirs = Condition::any()
        .add(Expr::cust(EXTERNAL_ID).is_in(ids))
        .add(order::Column::Id.is_in(theirs.iter().copied()));
    if let Some(email) = &subject.email {
        let stored = Func::lower(Expr::col(order::Column::CustomerEmail));
        is_theirs = is_theirs.add(Expr::expr(stored).eq(email));
    }
    let rows = order::Entity::find()
        .filter(is_of(order::Column::Channel, order::Column::Shop, account))
        .filter(is_theirs)
        .order_by_asc(order::Column::Id)
        .lock_exclusive()
        .all(tx)
        .await?;
    rows.into_iter().map(OrderState::try_from).collect()
}

/// Erases a person's data from their orders, from the history of these orders, and from
/// the payloads of the deliveries about them.
pub async fn redact_customer(
    tx: &WriteTx,
    account: &ChannelAccount,
    subject: &DataSubject,
    theirs: &HashSet<Uuid>,
    delivery_id: Uuid,
) -> Result<Vec<Committed<OrderState>>, WriteError> {
    let mut changes = Changes::default();
    let orders = orders_of(tx, account, subject, theirs).await?;
    for current in &orders {
        if let ChannelOutcome::Changed(next) = channel_rules::redact(current, now()) {
            let actor = Actor::Channel {
                channel: account.channel,
                delivery_id,
            };
            changes.add(Some(current), *next, &actor, None)?;
        }
    }
    let committed = changes.write(tx).await?;
    for order in &orders {
        redact_history(tx, order.id, is_personal_field).await?;
    }
    let ids: Vec<Uuid> = orders.iter().map(|order| order.id).collect();
    idempotency_key::Entity::delete_many()
        .filter(idempotency_key::Column::OrderId.is_in(ids.iter().copied()))
        .exec(tx)
        .await?;
    deliveries::prune_of_orders(tx, ids).await?;
    Ok(committed)
}

/// Replaces the values in an order's history for which `is_personal` is true, given the
/// field and the value. The entries stay.
pub async fn redact_history(
    tx: &WriteTx,
    order_id: Uuid,
    is_personal: impl Fn(&str, &Value) -> bool,
) -> Result<(), WriteError> {
    let rows = order_event::Entity::find()
        .filter(order_event::Column::OrderId.eq(order_id))
        .all(tx)
        .await?;
    for row in rows {
        let mut changes: Vec<FieldChange> =
            serde_json::from_str(&row.changes).map_err(anyhow::Error::new)?;
        let mut redacted = false;
        for change in &mut changes {
            for value in [&mut change.from, &mut change.to] {
                if *value != Value::Null && is_personal(&change.field, value) {
                    *value = Value::from(REDACTED);
                    redacted = true;
                }
            }
        }
        if redacted {
            let json = serde_json::to_string(&changes).map_err(anyhow::Error::new)?;
            let mut row = row.into_active_model();
            row.changes = Set(json);
            row.update(tx).await?;
        }
    }
    Ok(())
}

/// Whether the values of a field may contain personal data.
fn is_personal_field(field: &str, _: &Value) -> bool {
    matches!(field, "customer" | "notes")
}

/// Erases all data of a shop, a batch at a time, until the time `turn_end`; `false` when
/// there is more to do. `request` is the delivery with the request.
pub async fn redact_shop(
    db: &Db,
    account: &ChannelAccount,
    request: Uuid,
    turn_end: tokio::time::Instant,
) -> Result<bool, DbErr> {
    deliveries::discard_pending(db, account, request).await?;
    while erase_batch(db, account).await? {
        if tokio::time::Instant::now() >= turn_end {
            return Ok(false);
        }
    }
    let tx = db.begin_write().await?;
    deliveries::prune_of_account(&tx, account).await?;
    shops::remove(&tx, account).await?;
    tx.commit().await?;
    Ok(true)
}

/// Erases some orders with their history and stored answers; `false` when the shop has no
/// more orders.
async fn erase_batch(db: &Db, account: &ChannelAccount) -> Result<bool, DbErr> {
    let tx = db.begin_write().await?;
    if !db.is_sqlite() {
        // A shop may have three orders or nearly all of them, so that no generic plan is
        // good for both.
        tx.execute_unprepared("SET LOCAL plan_cache_mode = force_custom_plan")
            .await?;
    }
    let rows = order::Entity::find()
        .filter(is_of(order::Column::Channel, order::Column::Shop, account))
        .order_by_asc(order::Column::Id)
        .limit(BATCH)
        .lock_exclusive()
        .all(&tx)
        .await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    if ids.is_empty() {
        return Ok(false);
    }
    let orders: Vec<OrderState> = rows
        .into_iter()
        .map(OrderState::try_from)
        .collect::<Result<_, _>>()?;
    let mut writes = WriteBatch::new(tx.get_database_backend());
    rollup::record(&mut writes, orders.iter().map(|order| (Some(order), None)));
    writes.execute(&tx).await?;
    let all = || ids.iter().copied();
    order_event::Entity::delete_many()
        .filter(order_event::Column::OrderId.is_in(all()))
        .exec(&tx)
        .await?;
    idempotency_key::Entity::delete_many()
        .filter(idempotency_key::Column::OrderId.is_in(all()))
        .exec(&tx)
        .await?;
    order::Entity::delete_many()
        .filter(order::Column::Id.is_in(all()))
        .exec(&tx)
        .await?;
    tx.commit().await?;
    Ok(true)
}
