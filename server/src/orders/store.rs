//! SQL on `orders` and `order_events`. The one place that writes orders, for
//! webhooks and people alike.

use domain::api::OrderEvent;
use domain::order::{OrderState, ShopifyOrderId};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::figures;
use crate::db::entities::{order, order_event};
use crate::db::{WriteTx, now};

/// Who changes an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// The channel, through a delivery.
    Shopify {
        /// The delivery.
        delivery_id: Uuid,
    },
    /// Somebody on the desk, by the name they gave. Accounts come later; until
    /// then it proves nothing.
    Person(Option<String>),
}

impl Actor {
    /// The name history keeps.
    pub fn name(&self) -> String {
        match self {
            Self::Shopify { .. } => "shopify".to_owned(),
            Self::Person(None) => "desk".to_owned(),
            Self::Person(Some(name)) => format!("desk:{name}"),
        }
    }
}

/// A change that is (about to be) committed, for broadcasting.
#[derive(Debug, Clone)]
pub struct Committed {
    /// The history entry: also the outbox entry.
    pub event_id: Uuid,
    /// The order after the change.
    pub order: OrderState,
}

/// Why an order was not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Somebody else wrote the order since it was read.
    #[error("another writer was faster")]
    Race,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
    /// Anything else.
    #[error(transparent)]
    Other(#[from] anyhow::Error),
}

/// Finds an order.
pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<OrderState>, DbErr> {
    let row = order::Entity::find_by_id(id).one(db).await?;
    row.map(OrderState::try_from).transpose()
}

/// Finds an order and holds it until the transaction ends.
pub async fn lock(tx: &impl ConnectionTrait, id: Uuid) -> Result<Option<OrderState>, DbErr> {
    let query = order::Entity::find_by_id(id).lock_exclusive();
    query.one(tx).await?.map(OrderState::try_from).transpose()
}

/// Finds an order by the channel's id and holds it until the transaction ends.
pub async fn lock_by_shopify_id(
    tx: &impl ConnectionTrait,
    shop: &str,
    id: ShopifyOrderId,
) -> Result<Option<OrderState>, DbErr> {
    let query = order::Entity::find()
        .filter(order::Column::Shop.eq(shop))
        .filter(order::Column::ShopifyOrderId.eq(id.get()))
        .lock_exclusive();
    query.one(tx).await?.map(OrderState::try_from).transpose()
}

/// Writes a new or changed order with its history entry. `next` must be one
/// version after `before`; a row that is not at `before`'s version any more is
/// a [`WriteError::Race`].
pub async fn write(
    tx: &WriteTx,
    before: Option<&OrderState>,
    next: OrderState,
    actor: &Actor,
) -> Result<Committed, WriteError> {
    let row = order::ActiveModel::from(&next);
    let written = match before {
        None => {
            order::Entity::insert(row)
                .on_conflict(
                    OnConflict::columns([order::Column::Shop, order::Column::ShopifyOrderId])
                        .do_nothing()
                        .to_owned(),
                )
                .exec_without_returning(&**tx)
                .await?
        }
        Some(before) => {
            order::Entity::update_many()
                .set(row)
                .filter(order::Column::Id.eq(before.id))
                .filter(order::Column::Version.eq(before.version))
                .exec(&**tx)
                .await?
                .rows_affected
        }
    };
    if written != 1 {
        return Err(WriteError::Race);
    }
    figures::record(tx, before, Some(&next)).await?;
    let event_id = append_event(tx, before, &next, actor).await?;
    Ok(Committed {
        event_id,
        order: next,
    })
}

async fn append_event(
    tx: &WriteTx,
    before: Option<&OrderState>,
    next: &OrderState,
    actor: &Actor,
) -> Result<Uuid, WriteError> {
    let changes = serde_json::to_string(&next.changes_since(before)).map_err(anyhow::Error::new)?;
    let id = Uuid::now_v7();
    let event = order_event::ActiveModel {
        id: Set(id),
        order_id: Set(next.id),
        version: Set(next.version),
        actor: Set(actor.name()),
        delivery_id: Set(match actor {
            Actor::Shopify { delivery_id } => Some(*delivery_id),
            Actor::Person(_) => None,
        }),
        changes: Set(changes),
        at: Set(next.updated_at),
        broadcast_at: Set(None),
    };
    order_event::Entity::insert(event)
        .exec_without_returning(&**tx)
        .await?;
    Ok(id)
}

/// Stores the channel clock of news that changed nothing else: no new version.
pub async fn advance_clock(tx: &WriteTx, order: &OrderState) -> Result<(), DbErr> {
    order::Entity::update_many()
        .col_expr(
            order::Column::ExternalUpdatedAt,
            Expr::value(order.clock.updated_at),
        )
        .col_expr(
            order::Column::ExternalTriggeredAt,
            Expr::value(order.clock.triggered_at),
        )
        .col_expr(
            order::Column::ExternalDigest,
            Expr::value(order.clock.digest),
        )
        .filter(order::Column::Id.eq(order.id))
        .exec(&**tx)
        .await
        .map(drop)
}

/// An order's history, newest first: versions below `before`, or all.
pub async fn events(
    db: &impl ConnectionTrait,
    id: Uuid,
    before: Option<i64>,
    limit: u64,
) -> Result<Vec<OrderEvent>, DbErr> {
    let mut query = order_event::Entity::find()
        .filter(order_event::Column::OrderId.eq(id))
        .order_by_desc(order_event::Column::Version)
        .limit(limit);
    if let Some(before) = before {
        query = query.filter(order_event::Column::Version.lt(before));
    }
    read_events(query.all(db).await?)
}

/// An order's history after `version`, oldest first.
pub async fn events_after(
    db: &impl ConnectionTrait,
    id: Uuid,
    version: i64,
) -> Result<Vec<OrderEvent>, DbErr> {
    let query = order_event::Entity::find()
        .filter(order_event::Column::OrderId.eq(id))
        .filter(order_event::Column::Version.gt(version))
        .order_by_asc(order_event::Column::Version);
    read_events(query.all(db).await?)
}

fn read_events(rows: Vec<order_event::Model>) -> Result<Vec<OrderEvent>, DbErr> {
    rows.into_iter()
        .map(|row| {
            Ok(OrderEvent {
                changes: serde_json::from_str(&row.changes)
                    .map_err(|error| DbErr::Json(error.to_string()))?,
                version: row.version,
                actor: row.actor,
                delivery_id: row.delivery_id,
                at: row.at,
            })
        })
        .collect()
}

/// Marks history entries as broadcast.
pub async fn mark_broadcast(tx: &WriteTx, events: &[Uuid]) -> Result<(), DbErr> {
    order_event::Entity::update_many()
        .col_expr(order_event::Column::BroadcastAt, Expr::value(now()))
        .filter(order_event::Column::Id.is_in(events.iter().copied()))
        .exec(&**tx)
        .await
        .map(drop)
}

/// Changes that were committed but never broadcast.
#[derive(Debug)]
pub struct Unsent {
    /// The history entries.
    pub events: Vec<Uuid>,
    /// Their orders, each once, as they are now. An order that was erased since
    /// has none.
    pub orders: Vec<OrderState>,
}

/// Up to `limit` changes committed before `before` that were never broadcast.
pub async fn unsent(
    db: &impl ConnectionTrait,
    before: chrono::DateTime<chrono::Utc>,
    limit: u64,
) -> Result<Unsent, DbErr> {
    let events: Vec<(Uuid, Uuid)> = order_event::Entity::find()
        .select_only()
        .columns([order_event::Column::Id, order_event::Column::OrderId])
        .filter(order_event::Column::BroadcastAt.is_null())
        .filter(order_event::Column::At.lt(before))
        .order_by_asc(order_event::Column::At)
        .limit(limit)
        .into_tuple()
        .all(db)
        .await?;
    let rows = order::Entity::find()
        .filter(order::Column::Id.is_in(events.iter().map(|(_, order_id)| *order_id)))
        .all(db)
        .await?;
    let orders = rows.into_iter().map(OrderState::try_from);
    Ok(Unsent {
        orders: orders.collect::<Result<_, _>>()?,
        events: events.into_iter().map(|(event_id, _)| event_id).collect(),
    })
}
