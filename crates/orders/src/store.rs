//! SQL on `orders` and `order_events`. The one place that writes orders, for
//! webhooks and people alike.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;

use domain::channels::account::{Channel, OrderKey};
use domain::orders::order::OrderState;
use domain::wire::OrderEvent;
use platform::db::bulk::{Bulk, LockMode, Rows};
use platform::db::write_batch::{RowCounts, WriteBatch, WriteId};
use platform::db::{WriteTx, new_id};
use platform::live::feed::{Committed, Origin};
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IdenStatic, Iterable, QueryFilter,
    QueryOrder, QuerySelect,
};
use uuid::Uuid;

use crate::entities::{order, order_event};
use crate::stats::rollup;

/// Who changes an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A channel, through a delivery.
    Channel {
        /// Which channel.
        channel: Channel,
        /// The delivery.
        delivery_id: Uuid,
    },
    /// A person, by the name they gave. Accounts come later; until then it proves
    /// nothing.
    Person(Option<String>),
}

impl Actor {
    /// The name history keeps.
    pub fn name(&self) -> String {
        match self {
            Self::Channel { channel, .. } => channel.to_string(),
            Self::Person(None) => "desk".to_owned(),
            Self::Person(Some(name)) => format!("desk:{name}"),
        }
    }
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
    lock: LockMode,
) -> Result<HashMap<Uuid, OrderState>, DbErr> {
    let mut query = Bulk::new(tx.get_database_backend());
    let wanted = query.rows(Rows::default().with("id", ids));
    let orders = query.lookup("orders", "orders.id = wanted.id", lock);
    let query = query.statement(&format!(
        "SELECT orders.* FROM ({wanted}) AS wanted {orders}"
    ));
    let rows = order::Entity::find().from_raw_sql(query).all(tx).await?;
    rows.into_iter()
        .map(|row| Ok((row.id, OrderState::try_from(row)?)))
        .collect()
}

/// The channel's id of an order, in SQL and as it is indexed. Orders that were stored
/// before there were other channels have it as a number only.
pub(crate) const EXTERNAL_ID: &str = "COALESCE(external_order_id, CAST(shopify_order_id AS TEXT))";

/// Finds orders by their keys and holds them until the transaction ends, always in the
/// same order so that no two writers wait for each other.
pub async fn lock_by_keys(
    tx: &WriteTx,
    keys: &BTreeSet<OrderKey>,
) -> Result<HashMap<OrderKey, OrderState>, DbErr> {
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let mut query = Bulk::new(tx.get_database_backend());
    let accounts = || keys.iter().map(|key| &key.account);
    let ids = keys.iter().map(|key| key.external_id.to_string());
    let wanted = query.rows(
        Rows::default()
            .with("external_id", ids)
            .with("account", accounts().map(|account| account.name.clone()))
            .with("source", accounts().map(|it| it.channel.to_string())),
    );
    // No index matches account and channel in this form: the order's own id is what
    // finds it, however few orders there were when this was planned.
    let orders = query.lookup(
        "orders",
        &format!(
            "{EXTERNAL_ID} = wanted.external_id AND orders.shop || '' = wanted.account
             AND orders.channel || '' = wanted.source"
        ),
        LockMode::Wait,
    );
    let query = query.statement(&format!(
        "SELECT orders.* FROM ({wanted}) AS wanted {orders}"
    ));
    let rows = order::Entity::find().from_raw_sql(query).all(tx).await?;
    rows.into_iter()
        .map(|row| {
            let order = OrderState::try_from(row)?;
            Ok((order.key.clone(), order))
        })
        .collect()
}

/// What a transaction does to orders, written in as few statements as there
/// are tables.
#[derive(Debug, Default)]
pub struct Changes {
    /// By their keys, so that rows are always inserted in the same order.
    orders: BTreeMap<OrderKey, Changed>,
    events: Vec<order_event::ActiveModel>,
    committed: Vec<Committed<OrderState>>,
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
                Actor::Channel { delivery_id, .. } => Some(*delivery_id),
                Actor::Person(_) => None,
            }),
            changes: Set(changes.map_err(anyhow::Error::new)?),
            at: Set(next.updated_at),
            broadcast_at: Set(None),
        });
        self.committed.push(Committed {
            event_id,
            state: next.clone(),
            origin,
        });
        self.put(before, next);
        Ok(())
    }

    /// Stores the channel clock of a message that changed nothing else: no new version,
    /// no history.
    pub fn advance_clock(&mut self, before: &OrderState, next: OrderState) {
        self.put(Some(before), next);
    }

    fn put(&mut self, before: Option<&OrderState>, after: OrderState) {
        match self.orders.entry(after.key.clone()) {
            Entry::Occupied(mut known) => known.get_mut().after = after,
            Entry::Vacant(new) => {
                let before = before.cloned();
                new.insert(Changed { before, after });
            }
        }
    }

    /// Writes everything. The caller holds the rows of orders that exist.
    pub async fn write(self, tx: &WriteTx) -> Result<Vec<Committed<OrderState>>, WriteError> {
        let mut writes = WriteBatch::new(tx.get_database_backend());
        let writing = self.write_with(&mut writes);
        writing.check(&writes.execute(tx).await?)
    }

    /// The same, together with something else; then [`Writing::check`].
    pub fn write_with(self, writes: &mut WriteBatch) -> Writing {
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
        rollup::record(
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
    orders: Option<(WriteId, usize)>,
    committed: Vec<Committed<OrderState>>,
}

impl Writing {
    /// What was written, unless somebody inserted one of the orders first.
    pub fn check(self, written: &RowCounts) -> Result<Vec<Committed<OrderState>>, WriteError> {
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
        order::Column::Channel,
        order::Column::Shop,
        order::Column::ShopifyOrderId,
        order::Column::CreatedAt,
    ];
    let columns: Vec<String> = order::Column::iter()
        .filter(|column| !never_change.iter().any(|it| it.as_str() == column.as_str()))
        .map(|column| format!("{0} = excluded.{0}", column.as_str()))
        .collect();
    format!(
        "ON CONFLICT (({EXTERNAL_ID}), shop, channel) DO UPDATE SET {}
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
