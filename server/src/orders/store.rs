//! SQL on `orders` and `order_events`. The one place that writes orders, for
//! webhooks and people alike.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use domain::orders::order::{OrderState, ShopifyOrderId};
use domain::wire::OrderEvent;
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IdenStatic, Iterable, QueryFilter,
    QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::figures;
use crate::db::bulk::{Bulk, Held, Rows};
use crate::db::entities::{order, order_event};
use crate::db::together::{Part, Together, Written};
use crate::db::{Db, WriteTx, new_id, now};

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
    /// Where it came from, unless a person made it.
    pub origin: Option<Origin>,
}

/// When the news behind a change happened, and when it reached us.
#[derive(Debug, Clone, Copy)]
pub struct Origin {
    /// The delivery.
    pub delivery_id: Uuid,
    /// When the channel says it happened.
    pub triggered_at: Option<DateTime<Utc>>,
    /// When we took it in.
    pub received_at: DateTime<Utc>,
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

/// Finds orders and holds them until the transaction ends.
pub async fn lock_by_ids(
    tx: &WriteTx,
    ids: BTreeSet<Uuid>,
    held: Held,
) -> Result<HashMap<Uuid, OrderState>, DbErr> {
    let mut query = Bulk::new(tx.get_database_backend());
    let wanted = query.rows(Rows::default().with("id", ids));
    let orders = query.lookup("orders", "orders.id = wanted.id", held);
    let query = query.statement(&format!(
        "SELECT orders.* FROM ({wanted}) AS wanted {orders}"
    ));
    let rows = order::Entity::find().from_raw_sql(query).all(tx).await?;
    rows.into_iter()
        .map(|row| Ok((row.id, OrderState::try_from(row)?)))
        .collect()
}

/// The channel's name for an order: the shop, and Shopify's id.
pub type ChannelKey = (String, ShopifyOrderId);

/// Finds orders by the channel's ids and holds them until the transaction
/// ends, always in the same order so that no two writers wait for each other.
pub async fn lock_by_channel_keys(
    tx: &WriteTx,
    keys: &BTreeSet<ChannelKey>,
) -> Result<HashMap<ChannelKey, OrderState>, DbErr> {
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let mut query = Bulk::new(tx.get_database_backend());
    let wanted = query.rows(
        Rows::default()
            .with("shop", keys.iter().map(|(shop, _)| shop.clone()))
            .with("shopify_order_id", keys.iter().map(|(_, id)| id.get())),
    );
    // No index matches the shop in this form: the order's number is what
    // tells, however few orders there were when this was planned.
    let orders = query.lookup(
        "orders",
        "orders.shopify_order_id = wanted.shopify_order_id
         AND orders.shop || '' = wanted.shop",
        Held::WaitFor,
    );
    let query = query.statement(&format!(
        "SELECT orders.* FROM ({wanted}) AS wanted {orders}"
    ));
    let rows = order::Entity::find().from_raw_sql(query).all(tx).await?;
    rows.into_iter()
        .map(|row| {
            let order = OrderState::try_from(row)?;
            Ok(((order.shop.clone(), order.shopify_order_id), order))
        })
        .collect()
}

/// What a transaction does to orders, written in as few statements as there
/// are tables.
#[derive(Debug, Default)]
pub struct Changes {
    /// By the channel's key, so that rows are always inserted in the same order.
    orders: BTreeMap<ChannelKey, Changed>,
    events: Vec<order_event::ActiveModel>,
    committed: Vec<Committed>,
}

/// An order before the transaction, and after.
#[derive(Debug)]
struct Changed {
    before: Option<OrderState>,
    after: OrderState,
}

impl Changes {
    /// A new or changed order, one version after `before`, with a history
    /// entry. The same order may change several times.
    pub fn add(
        &mut self,
        before: Option<&OrderState>,
        next: OrderState,
        actor: &Actor,
        origin: Option<Origin>,
    ) -> Result<(), WriteError> {
        let changes = serde_json::to_string(&next.changes_since(before));
        let event_id = new_id();
        self.events.push(order_event::ActiveModel {
            id: Set(event_id),
            order_id: Set(next.id),
            version: Set(next.version),
            actor: Set(actor.name()),
            delivery_id: Set(match actor {
                Actor::Shopify { delivery_id } => Some(*delivery_id),
                Actor::Person(_) => None,
            }),
            changes: Set(changes.map_err(anyhow::Error::new)?),
            at: Set(next.updated_at),
            broadcast_at: Set(None),
        });
        self.committed.push(Committed {
            event_id,
            order: next.clone(),
            origin,
        });
        self.put(before, next);
        Ok(())
    }

    /// Stores the channel clock of news that changed nothing else: no new
    /// version, no history.
    pub fn advance_clock(&mut self, before: &OrderState, next: OrderState) {
        self.put(Some(before), next);
    }

    fn put(&mut self, before: Option<&OrderState>, after: OrderState) {
        match self
            .orders
            .entry((after.shop.clone(), after.shopify_order_id))
        {
            Entry::Occupied(mut known) => known.get_mut().after = after,
            Entry::Vacant(new) => {
                let before = before.cloned();
                new.insert(Changed { before, after });
            }
        }
    }

    /// Writes everything. The caller holds the rows of orders that exist.
    pub async fn write(self, tx: &WriteTx) -> Result<Vec<Committed>, WriteError> {
        let mut writes = Together::new(tx.get_database_backend());
        let writing = self.write_with(&mut writes);
        writing.check(&writes.execute(tx).await?)
    }

    /// The same, together with something else; then [`Writing::check`].
    pub fn write_with(self, writes: &mut Together) -> Writing {
        let mut writing = Writing {
            orders: None,
            committed: self.committed,
        };
        if self.orders.is_empty() {
            return writing;
        }
        let rows = self.orders.values().map(|order| &order.after);
        let rows = Rows::of(rows.map(order::ActiveModel::from));
        let upsert = writes.insert("orders", rows, &UPDATE_KNOWN);
        writing.orders = Some((upsert, self.orders.len()));
        let states = self.orders.values();
        figures::record(
            writes,
            states.map(|order| (order.before.as_ref(), Some(&order.after))),
        );
        if !self.events.is_empty() {
            writes.insert("order_events", Rows::of(self.events), "");
        }
        writing
    }
}

/// Changes that are being written.
#[derive(Debug)]
pub struct Writing {
    /// The orders, and how many there are.
    orders: Option<(Part, usize)>,
    committed: Vec<Committed>,
}

impl Writing {
    /// What was written, unless somebody inserted one of the orders first.
    pub fn check(self, written: &Written) -> Result<Vec<Committed>, WriteError> {
        match self.orders {
            Some((orders, all)) if !written.is(orders, all) => Err(WriteError::Race),
            _ => Ok(self.committed),
        }
    }
}

/// An order that is known already is brought up to date, if it is the very
/// row, and not newer.
static UPDATE_KNOWN: LazyLock<String> = LazyLock::new(|| {
    let never_change = [
        order::Column::Id,
        order::Column::Shop,
        order::Column::ShopifyOrderId,
        order::Column::CreatedAt,
    ];
    let columns: Vec<String> = order::Column::iter()
        .filter(|column| !never_change.iter().any(|it| it.as_str() == column.as_str()))
        .map(|column| format!("{0} = excluded.{0}", column.as_str()))
        .collect();
    format!(
        "ON CONFLICT (shop, shopify_order_id) DO UPDATE SET {}
         WHERE orders.id = excluded.id AND orders.version <= excluded.version",
        columns.join(", ")
    )
});

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
pub async fn mark_broadcast(db: &Db, events: &[Uuid]) -> Result<(), DbErr> {
    if events.is_empty() {
        return Ok(());
    }
    let mut update = Bulk::new(db.backend());
    let sent = update.among("id", events.iter().copied());
    let time = update.bind(now());
    let update = update.statement(&format!(
        "UPDATE order_events SET broadcast_at = {time} WHERE {sent}"
    ));
    db.write_at_once(update).await.map(drop)
}

/// A page of the orders written since `since`, oldest first, after `last`.
pub async fn changed_since(
    db: &impl ConnectionTrait,
    since: DateTime<Utc>,
    last: Option<(DateTime<Utc>, Uuid)>,
    limit: u64,
) -> Result<Vec<OrderState>, DbErr> {
    let mut page = order::Entity::find()
        .filter(order::Column::UpdatedAt.gte(since))
        .cursor_by((order::Column::UpdatedAt, order::Column::Id));
    if let Some(last) = last {
        page.after(last);
    }
    let rows = page.first(limit).all(db).await?;
    rows.into_iter().map(OrderState::try_from).collect()
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
    before: DateTime<Utc>,
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
