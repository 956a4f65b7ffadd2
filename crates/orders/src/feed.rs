//! The feed of orders for `platform::live`: where changes are recorded, to which rooms
//! they are broadcast, and how they are read after a gap.

use chrono::{DateTime, Utc};
use domain::orders::order::OrderState;
use domain::wire::Order;
use domain::wire::sync::{
    BATCH_ROOM, CURSOR, CURSOR_ROOM, NAMESPACE, ORDER_SYNCED, ORDERS_SYNCED, ROOM,
};
use platform::db::Db;
use platform::live::feed::event_table::EventTable;
use platform::live::feed::{Feed, Rooms};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::entities::order;

/// The feed of orders.
#[derive(Debug, Clone, Copy)]
pub struct OrderFeed;

impl Feed for OrderFeed {
    type State = OrderState;
    type Item = Order;

    const EVENTS: EventTable = EventTable {
        name: "order_events",
        subject: "order_id",
        counter: "order_event_counter",
    };

    const ROOMS: Rooms = Rooms {
        namespace: NAMESPACE,
        single: ROOM,
        single_event: ORDER_SYNCED,
        batch: BATCH_ROOM,
        batch_event: ORDERS_SYNCED,
        cursor: CURSOR_ROOM,
        cursor_event: CURSOR,
    };

    fn item(state: &OrderState) -> Order {
        Order::from(state)
    }

    fn id(item: &Order) -> Uuid {
        item.id
    }

    fn version(item: &Order) -> i64 {
        item.version
    }

    fn updated_at(item: &Order) -> DateTime<Utc> {
        item.updated_at
    }

    async fn load(db: &Db, ids: Vec<Uuid>) -> Result<Vec<Order>, DbErr> {
        let rows = order::Entity::find()
            .filter(order::Column::Id.is_in(ids))
            .all(db.read())
            .await?;
        items(rows)
    }

    async fn changed_since(
        db: &Db,
        since: DateTime<Utc>,
        last: Option<(DateTime<Utc>, Uuid)>,
        limit: u64,
    ) -> Result<Vec<Order>, DbErr> {
        let mut page = order::Entity::find()
            .filter(order::Column::UpdatedAt.gte(since))
            .cursor_by((order::Column::UpdatedAt, order::Column::Id));
        if let Some(last) = last {
            page.after(last);
        }
        items(page.first(limit).all(db.read()).await?)
    }
}

fn items(rows: Vec<order::Model>) -> Result<Vec<Order>, DbErr> {
    rows.into_iter()
        .map(|row| OrderState::try_from(row).map(|state| Order::from(&state)))
        .collect()
}
