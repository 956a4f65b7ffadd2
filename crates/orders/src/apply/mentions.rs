//! Finds and erases a person's data outside their own orders: in bodies of topics that
//! are not supported, in bodies of rejected or dead deliveries, in bodies about other
//! people's orders, and in the history of orders. No index leads to such data, so
//! everything is read, in small steps and outside any transaction.

use std::collections::HashSet;

use domain::channels::account::ChannelAccount;
use domain::channels::data_subject::DataSubject;
use domain::channels::shop;
use domain::orders::channel_rules::{self, ChannelOutcome};
use domain::orders::order::OrderState;
use inbox::LEASE;
use inbox::deliveries::{erasure as deliveries, store};
use platform::db::{Db, now};
use platform::live::feed::Committed;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, Statement,
};
use serde_json::Value;
use tokio::time::Instant;
use uuid::Uuid;

use super::erasure::{REDACTED, redact_history};
use crate::entities::{idempotency_key, order};
use crate::store::{Actor, Changes, WriteError};

/// The orders and deliveries that mention a person.
#[derive(Default)]
pub struct Mentions {
    /// Orders of this person, by the last body with a customer.
    pub orders: HashSet<Uuid>,
    /// Deliveries whose bodies mention the person.
    bodies: Vec<Uuid>,
}

/// Bodies erased by one statement: few enough not to delay webhooks.
const PRUNE_BATCH: usize = 200;

/// A text that no history contains, because histories are JSON on one line.
const MATCHES_NOTHING: &str = "\n";

/// History entries that are searched by one statement.
const ENTRIES_BATCH: u64 = 20_000;

/// A search for a person at a shop, on behalf of the delivery `request`.
pub struct MentionSearch<'a> {
    pub db: &'a Db,
    pub account: &'a ChannelAccount,
    pub subject: &'a DataSubject,
    pub request: Uuid,
    /// When the claim on `request` was last extended.
    pub claimed: Instant,
}

impl MentionSearch<'_> {
    /// Reads all bodies. Nothing is erased yet: the bodies show which orders are the
    /// person's, and must be found again if the search is interrupted.
    pub async fn find(&mut self) -> Result<Mentions, DbErr> {
        let mut found = Mentions::default();
        let mut after = Uuid::nil();
        loop {
            self.extend_claim().await?;
            let bodies = deliveries::bodies_of_account(self.db, self.account, after).await?;
            let Some(last) = bodies.last() else {
                return Ok(found);
            };
            after = last.id;
            for body in bodies {
                let mention = self.subject.look_in(&body.payload);
                match (body.order_id, mention.is_customer) {
                    (Some(order), Some(true)) => drop(found.orders.insert(order)),
                    (Some(order), Some(false)) => drop(found.orders.remove(&order)),
                    _ => {}
                }
                if mention.is_named {
                    found.bodies.push(body.id);
                }
            }
        }
    }

    /// Erases the bodies that were found, and the person's data in the history of orders.
    /// Returns the orders that changed.
    pub async fn erase(
        mut self,
        found: &Mentions,
    ) -> Result<Vec<Committed<OrderState>>, WriteError> {
        for bodies in found.bodies.chunks(PRUNE_BATCH) {
            self.extend_claim().await?;
            let tx = self.db.begin_write().await?;
            deliveries::prune(&tx, bodies.to_vec()).await?;
            tx.commit().await?;
        }
        let mut committed = Vec::new();
        for order in self.orders_with_history().await? {
            committed.extend(self.erase_from_order(order).await?);
        }
        Ok(committed)
    }

    /// The orders of the shop whose history mentions the person, as a former customer or
    /// in a note.
    async fn orders_with_history(&mut self) -> Result<Vec<Uuid>, DbErr> {
        // The database finds the e-mail address. Phone numbers are written in many ways,
        // so every history with notes is checked; they are only in notes.
        let email = self.subject.email.as_deref().unwrap_or(MATCHES_NOTHING);
        let position = if self.db.is_sqlite() {
            "instr"
        } else {
            "strpos"
        };
        let ends = "SELECT id FROM order_events WHERE id > $1 ORDER BY id LIMIT 1 OFFSET $2";
        let found = format!(
            "SELECT order_events.order_id, order_events.changes FROM order_events
             JOIN orders ON orders.id = order_events.order_id
             WHERE order_events.id > $1 AND order_events.id <= $2
               AND rtrim(lower(orders.shop), '.') = $3 AND orders.channel = $5
               AND ({position}(lower(order_events.changes), $4) > 0
                 OR {position}(order_events.changes, '\"notes\"') > 0)"
        );
        let mut orders = Vec::new();
        let mut after = Uuid::nil();
        loop {
            self.extend_claim().await?;
            let values = [after.into(), (ENTRIES_BATCH - 1).cast_signed().into()];
            let end = Statement::from_sql_and_values(self.db.backend(), ends, values);
            let end = self.db.read().query_one_raw(end).await?;
            let until = match &end {
                Some(end) => end.try_get("", "id")?,
                None => Uuid::max(),
            };
            let values = [
                after.into(),
                until.into(),
                shop::normal(&self.account.name).into(),
                email.into(),
                self.account.channel.as_str().into(),
            ];
            let found = Statement::from_sql_and_values(self.db.backend(), &found, values);
            for row in self.db.read().query_all_raw(found).await? {
                let order: Uuid = row.try_get("", "order_id")?;
                let changes: String = row.try_get("", "changes")?;
                if self.subject.is_mentioned_in(&changes) && !orders.contains(&order) {
                    orders.push(order);
                }
            }
            if end.is_none() {
                return Ok(orders);
            }
            after = until;
        }
    }

    /// Erases the person's data from an order's history, notes and stored answers. The
    /// order may belong to another customer now; that customer's data stays.
    async fn erase_from_order(&self, id: Uuid) -> Result<Vec<Committed<OrderState>>, WriteError> {
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
            channel_rules::redact_mentions(&current, self.subject, REDACTED, now())
        {
            let actor = Actor::Channel {
                channel: self.account.channel,
                delivery_id: self.request,
            };
            changes.add(Some(&current), *next, &actor, None)?;
        }
        let committed = changes.write(&tx).await?;
        let is_personal = |_: &str, value: &Value| self.subject.is_mentioned_in(&value.to_string());
        redact_history(&tx, id, is_personal).await?;
        idempotency_key::Entity::delete_many()
            .filter(idempotency_key::Column::OrderId.eq(id))
            .exec(&tx)
            .await?;
        tx.commit().await?;
        Ok(committed)
    }

    /// Extends the claim on the request, so that no other worker starts the same search
    /// during a long one.
    async fn extend_claim(&mut self) -> Result<(), DbErr> {
        if self.claimed.elapsed() > LEASE.to_std().unwrap_or_default() / 3 {
            store::postpone(self.db, &[self.request], now() + LEASE).await?;
            self.claimed = Instant::now();
        }
        Ok(())
    }
}
