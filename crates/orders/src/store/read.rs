//! Reads an order, and an order's history.

use domain::orders::order::OrderState;
use domain::wire::OrderEvent;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use crate::entities::{order, order_event};

/// Finds an order by its id.
pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<OrderState>, DbErr> {
    let row = order::Entity::find_by_id(id).one(db).await?;
    row.map(OrderState::try_from).transpose()
}

/// An order's history, newest first: the versions below `before`, or all versions.
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

/// The entries of an order's history after `version`, oldest first.
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
