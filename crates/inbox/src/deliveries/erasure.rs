//! The SQL that erases deliveries, and that reads their payloads for a search for
//! personal data.

use domain::channels::account::ChannelAccount;
use platform::db::{Db, WriteTx, now};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect,
};
use uuid::Uuid;

use super::entity::{Column, DeliveryState, Entity};
use super::store::prune_payloads;
use crate::shops::store::is_of;

/// Bodies read by one statement; each may have a megabyte.
const BODIES_BATCH: u64 = 20;

/// The part of a delivery that is searched for a person's data.
#[derive(Debug, FromQueryResult)]
pub struct Body {
    /// The delivery.
    pub id: Uuid,
    /// The order that the delivery is about.
    pub order_id: Option<Uuid>,
    /// The raw body.
    pub payload: Vec<u8>,
}

/// The next few finished deliveries of a shop that still have a body, with ids greater
/// than `after`, ordered by id.
pub async fn bodies_of_account(
    db: &Db,
    account: &ChannelAccount,
    after: Uuid,
) -> Result<Vec<Body>, DbErr> {
    Entity::find()
        .select_only()
        .columns([Column::Id, Column::OrderId, Column::Payload])
        .filter(is_of(Column::Source, Column::Shop, account))
        .filter(Column::FinishedAt.is_not_null())
        .filter(Column::PayloadPrunedAt.is_null())
        .filter(Column::Id.gt(after))
        .order_by_asc(Column::Id)
        .limit(BODIES_BATCH)
        .into_model()
        .all(db.read())
        .await
}

/// Drops the bodies of those of these deliveries that are finished.
pub async fn prune(tx: &WriteTx, ids: Vec<Uuid>) -> Result<(), DbErr> {
    let these = Condition::all().add(Column::Id.is_in(ids));
    prune_payloads(tx, these).await.map(drop)
}

/// Drops the bodies of all finished deliveries about these orders.
pub async fn prune_of_orders(tx: &WriteTx, orders: Vec<Uuid>) -> Result<(), DbErr> {
    let these = Condition::all().add(Column::OrderId.is_in(orders));
    prune_payloads(tx, these).await.map(drop)
}

/// Drops the bodies of all finished deliveries of a shop.
pub async fn prune_of_account(tx: &WriteTx, account: &ChannelAccount) -> Result<(), DbErr> {
    let these = Condition::all().add(is_of(Column::Source, Column::Shop, account));
    prune_payloads(tx, these).await.map(drop)
}

/// Discards the pending deliveries of a shop that are older than the delivery `before`.
/// If they were applied, they would create orders again that are being erased.
pub async fn discard_pending(db: &Db, account: &ChannelAccount, before: Uuid) -> Result<(), DbErr> {
    let tx = db.begin_write().await?;
    Entity::update_many()
        .col_expr(Column::State, Expr::value(DeliveryState::Discarded))
        .col_expr(Column::Error, Expr::value("the shop was erased"))
        .col_expr(Column::FinishedAt, Expr::value(now()))
        .filter(is_of(Column::Source, Column::Shop, account))
        .filter(Column::State.eq(DeliveryState::Pending))
        .filter(Column::Id.lt(before))
        .exec(&tx)
        .await?;
    tx.commit().await
}
