//! Finds and erases what names a person without being part of their orders:
//! bodies of topics nobody acts on, bodies that were rejected or given up on,
//! and what other orders once said of them. Such things are found by reading
//! them all, a little at a time and outside any transaction.

use domain::channel::{self, ChannelOutcome};
use domain::order::{FieldChange, OrderState};
use domain::person::Person;
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Statement,
};
use serde_json::Value;
use tokio::time::Instant;
use uuid::Uuid;

use super::LEASE;
use super::erasure::{REDACTED, is_of};
use crate::db::entities::delivery::DeliveryState;
use crate::db::entities::{delivery, idempotency_key, order, order_event};
use crate::db::{Db, WriteTx, now};
use crate::deliveries::store as deliveries;
use crate::orders::store::{Actor, Changes, Committed, WriteError};

/// Bodies read at a time: each may be a megabyte.
const BODIES: u64 = 20;

/// Entries of histories looked through by one statement.
const ENTRIES: u64 = 20_000;

/// Deliveries that may belong to no order, whatever they say.
const WITHOUT_ORDER: [DeliveryState; 5] = [
    DeliveryState::Ignored,
    DeliveryState::Rejected,
    DeliveryState::Dead,
    DeliveryState::Discarded,
    DeliveryState::Unchanged,
];

/// A search for a person at a shop, on behalf of the delivery `request`.
pub struct Mentions<'a> {
    pub db: &'a Db,
    pub shop: &'a str,
    pub person: &'a Person,
    pub request: Uuid,
    /// When the claim on `request` was last made longer.
    pub claimed: Instant,
}

impl Mentions<'_> {
    /// Erases all of it. Returns the orders that changed.
    pub async fn erase(mut self) -> Result<Vec<Committed>, WriteError> {
        for state in WITHOUT_ORDER {
            let found = Condition::all()
                .add(delivery::Column::State.eq(state))
                .add(delivery::Column::OrderId.is_null())
                .add(is_of(delivery::Column::Shop, self.shop));
            self.prune_bodies(found).await?;
        }
        let mut committed = Vec::new();
        for order in self.orders_with_history().await? {
            let found = Condition::all().add(delivery::Column::OrderId.eq(order));
            self.prune_bodies(found).await?;
            committed.extend(self.erase_from_order(order).await?);
        }
        Ok(committed)
    }

    /// Drops the bodies among `which` that name the person.
    async fn prune_bodies(&mut self, which: Condition) -> Result<(), DbErr> {
        #[derive(FromQueryResult)]
        struct Body {
            id: Uuid,
            payload: Vec<u8>,
        }
        let which = which
            .add(delivery::Column::FinishedAt.is_not_null())
            .add(delivery::Column::PayloadPrunedAt.is_null());
        let mut after = Uuid::nil();
        loop {
            self.keep_claim().await?;
            let bodies: Vec<Body> = delivery::Entity::find()
                .select_only()
                .columns([delivery::Column::Id, delivery::Column::Payload])
                .filter(which.clone())
                .filter(delivery::Column::Id.gt(after))
                .order_by_asc(delivery::Column::Id)
                .limit(BODIES)
                .into_model()
                .all(self.db.read())
                .await?;
            let Some(last) = bodies.last() else {
                return Ok(());
            };
            after = last.id;
            let named = bodies
                .iter()
                .filter(|body| self.person.is_named_in(&body.payload));
            let named: Vec<Uuid> = named.map(|body| body.id).collect();
            if !named.is_empty() {
                let tx = self.db.begin_write().await?;
                let named = Condition::all().add(delivery::Column::Id.is_in(named));
                deliveries::prune_payloads(&tx, named).await?;
                tx.commit().await?;
            }
        }
    }

    /// Orders of the shop whose history mentions the person's address: a former
    /// customer, or somebody a note speaks of.
    async fn orders_with_history(&mut self) -> Result<Vec<Uuid>, DbErr> {
        let Some(email) = &self.person.email else {
            return Ok(Vec::new());
        };
        let position = if self.db.is_sqlite() {
            "instr"
        } else {
            "strpos"
        };
        let ends = "SELECT id FROM order_events WHERE id > $1 ORDER BY id LIMIT 1 OFFSET $2";
        let found = format!(
            "SELECT DISTINCT order_events.order_id FROM order_events
             JOIN orders ON orders.id = order_events.order_id
             WHERE order_events.id > $1 AND order_events.id <= $2 AND rtrim(lower(orders.shop), '.') = $3
               AND {position}(lower(order_events.changes), $4) > 0"
        );
        let mut orders = Vec::new();
        let mut after = Uuid::nil();
        loop {
            self.keep_claim().await?;
            let values = [after.into(), (ENTRIES - 1).cast_signed().into()];
            let end = Statement::from_sql_and_values(self.db.backend(), ends, values);
            let end = self.db.read().query_one_raw(end).await?;
            let until = match &end {
                Some(end) => end.try_get("", "id")?,
                None => Uuid::max(),
            };
            let values = [
                after.into(),
                until.into(),
                self.shop.into(),
                email.as_str().into(),
            ];
            let found = Statement::from_sql_and_values(self.db.backend(), &found, values);
            for row in self.db.read().query_all_raw(found).await? {
                let order: Uuid = row.try_get("", "order_id")?;
                if !orders.contains(&order) {
                    orders.push(order);
                }
            }
            if end.is_none() {
                return Ok(orders);
            }
            after = until;
        }
    }

    /// Takes the person out of an order's history, notes and stored answers. The
    /// order may be somebody else's by now, and stays theirs.
    async fn erase_from_order(&self, id: Uuid) -> Result<Vec<Committed>, WriteError> {
        let tx = self.db.begin_write().await?;
        let row = order::Entity::find_by_id(id)
            .lock_exclusive()
            .one(&tx)
            .await?;
        let Some(row) = row else {
            return Ok(Vec::new());
        };
        let current = OrderState::try_from(row)?;
        let mut changes = Changes::default();
        if let ChannelOutcome::Changed(next) =
            channel::redact_mentions(&current, self.person, REDACTED, now())
        {
            let actor = Actor::Shopify {
                delivery_id: self.request,
            };
            changes.add(Some(&current), *next, &actor, None)?;
        }
        let committed = changes.write(&tx).await?;
        redact_history(&tx, id, self.person).await?;
        idempotency_key::Entity::delete_many()
            .filter(idempotency_key::Column::OrderId.eq(id))
            .exec(&tx)
            .await?;
        tx.commit().await?;
        Ok(committed)
    }

    /// Looking takes as long as it takes; nobody else need begin meanwhile.
    async fn keep_claim(&mut self) -> Result<(), DbErr> {
        if self.claimed.elapsed() > LEASE.to_std().unwrap_or_default() / 3 {
            deliveries::postpone(self.db, &[self.request], now() + LEASE).await?;
            self.claimed = Instant::now();
        }
        Ok(())
    }
}

/// Values of an order's history that name the person say so no more.
async fn redact_history(tx: &WriteTx, id: Uuid, person: &Person) -> Result<(), WriteError> {
    let rows = order_event::Entity::find()
        .filter(order_event::Column::OrderId.eq(id))
        .all(tx)
        .await?;
    for row in rows {
        let mut changes: Vec<FieldChange> =
            serde_json::from_str(&row.changes).map_err(anyhow::Error::new)?;
        let mut personal = false;
        for value in changes
            .iter_mut()
            .flat_map(|change| [&mut change.from, &mut change.to])
        {
            if person.mentions_email(&value.to_string()) {
                *value = Value::from(REDACTED);
                personal = true;
            }
        }
        if personal {
            let json = serde_json::to_string(&changes).map_err(anyhow::Error::new)?;
            let mut row = row.into_active_model();
            row.changes = Set(json);
            row.update(tx).await?;
        }
    }
    Ok(())
}
