//! Writes orders, their history and the statistics: the one place that does, so that no
//! change misses its version, its history entry or its broadcast.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::LazyLock;

use domain::channels::account::OrderKey;
use domain::orders::order::OrderState;
use platform::db::bulk::Rows;
use platform::db::write_batch::{RowCounts, WriteBatch, WriteId};
use platform::db::{WriteTx, new_id};
use platform::live::feed::{ChangeOrigin, Committed};
use sea_orm::ActiveValue::Set;
use sea_orm::{ConnectionTrait, DbErr, IdenStatic, Iterable};

use super::actor::Actor;
use super::key::EXTERNAL_ID;
use crate::entities::{order, order_event};
use crate::stats::rollup;

/// Why an order was not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Another writer changed the order after it was read.
    #[error("another writer was faster")]
    Race,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
    /// There was another failure.
    #[error(transparent)]
    Other(#[from] anyhow::Error),
}

/// The changes of a transaction to orders, written with one statement per table.
#[derive(Debug, Default)]
pub struct Changes {
    /// Sorted by key, so that rows are always inserted in the same order.
    orders: BTreeMap<OrderKey, Changed>,
    events: Vec<order_event::ActiveModel>,
    committed: Vec<Committed<OrderState>>,
}

/// An order before and after the transaction.
#[derive(Debug)]
struct Changed {
    before: Option<OrderState>,
    after: OrderState,
}

impl Changes {
    /// Adds a new or changed order, one version after `before`, with a history entry. The
    /// same order may change several times.
    pub fn add(
        &mut self,
        before: Option<&OrderState>,
        next: OrderState,
        actor: &Actor,
        origin: Option<ChangeOrigin>,
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

    /// Adds only the new channel clock of an order, for a message that changed nothing else:
    /// there is no new version and no history entry.
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

    /// Writes everything. The caller must have locked the rows of orders that exist.
    pub async fn write(self, tx: &WriteTx) -> Result<Vec<Committed<OrderState>>, WriteError> {
        let mut writes = WriteBatch::new(tx.get_database_backend());
        let pending = self.write_with(&mut writes);
        pending.check(&writes.execute(tx).await?)
    }

    /// Adds everything to a batch with other writes. After the batch was executed, the
    /// caller must call [`PendingWrite::check`].
    pub fn write_with(self, writes: &mut WriteBatch) -> PendingWrite {
        let mut pending = PendingWrite {
            orders: None,
            committed: self.committed,
        };
        if self.orders.is_empty() {
            return pending;
        }
        let rows = self.orders.values().map(|order| &order.after);
        let rows = Rows::of(rows.map(order::ActiveModel::from));
        let upsert = writes.insert("orders", rows, &ON_CONFLICT);
        pending.orders = Some((upsert, self.orders.len()));
        let states = self.orders.values();
        rollup::record(
            writes,
            states.map(|order| (order.before.as_ref(), Some(&order.after))),
        );
        if !self.events.is_empty() {
            writes.insert("order_events", Rows::of(self.events), "");
        }
        pending
    }
}

/// Changes that were added to a batch of writes.
#[derive(Debug)]
pub struct PendingWrite {
    /// The write to `orders`, and the number of orders in it.
    orders: Option<(WriteId, usize)>,
    committed: Vec<Committed<OrderState>>,
}

impl PendingWrite {
    /// The committed changes, unless another writer has inserted or changed one of the
    /// orders first.
    pub fn check(self, written: &RowCounts) -> Result<Vec<Committed<OrderState>>, WriteError> {
        match self.orders {
            Some((orders, all)) if !written.is(orders, all) => Err(WriteError::Race),
            _ => Ok(self.committed),
        }
    }
}

/// Updates the row of an order that exists already, if it has the same id and is not
/// newer.
static ON_CONFLICT: LazyLock<String> = LazyLock::new(|| {
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
