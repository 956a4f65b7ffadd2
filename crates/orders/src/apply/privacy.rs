//! Carries out privacy requests: reports or erases the data of a customer or a shop.
//!
//! Source: Shopify, privacy law compliance: `customers/data_request`,
//! `customers/redact`, `shop/redact`; to be acted on within 30 days.

use std::collections::HashSet;
use std::time::Duration;

use domain::channels::event::ChannelEvent;
use inbox::deliveries::entity::DeliveryState;
use inbox::deliveries::erasure;
use inbox::deliveries::store::{self as deliveries, Finished};
use inbox::metric_names as names;
use inbox::parsed_cache::ParsedDelivery;
use metrics::counter;
use platform::db::{WriteTx, is_conflict, now};
use sea_orm::DbErr;
use tokio::time::Instant;
use tracing::info;
use uuid::Uuid;

use super::ApplyToOrders;
use super::batch::{self, MAX_RACES, unless_raced};
use super::erasure::{orders_of, redact_customer, redact_shop};
use super::mentions::MentionSearch;
use crate::store::WriteError;

/// The time for which one turn erases data of a shop.
const ERASURE_TURN: Duration = Duration::from_secs(10);

/// Carries out a privacy request: in one transaction if possible. The erasure of a shop
/// or a search in all bodies is too much for one.
pub async fn apply(context: &ApplyToOrders, id: Uuid) -> anyhow::Result<()> {
    for _ in 0..MAX_RACES {
        if let Some(done) = unless_raced(carry_out(context, id).await) {
            return done;
        }
    }
    anyhow::bail!("lost {MAX_RACES} races for the same orders")
}

async fn carry_out(context: &ApplyToOrders, id: Uuid) -> Result<(), WriteError> {
    let mut tx = context.db.begin_write().await?;
    let Some(row) = deliveries::lock_all_pending(&tx, &[id]).await?.pop() else {
        return Ok(());
    };
    let delivery = batch::read(row).map_err(|(_, error)| error)?;
    let account = &delivery.account;
    let (committed, note) = match &delivery.event {
        ChannelEvent::DataRequested(subject) => {
            let orders = orders_of(&tx, account, subject, &HashSet::new()).await?;
            let names: Vec<_> = orders
                .iter()
                .map(|order| order.channel.name.as_str())
                .collect();
            let names = names.join(", ");
            (
                Vec::new(),
                format!("orders with this customer's data: {names}"),
            )
        }
        ChannelEvent::CustomerRedacted(subject) => {
            drop(tx);
            let mut search = MentionSearch {
                db: &context.db,
                account,
                subject,
                request: id,
                claimed: Instant::now(),
            };
            let found = search.find().await?;
            // The person's orders are erased first, and the bodies that show which orders
            // these are after them.
            tx = context.db.begin_write().await?;
            if deliveries::lock_all_pending(&tx, &[id]).await?.is_empty() {
                return Ok(());
            }
            let committed = redact_customer(&tx, account, subject, &found.orders, id).await?;
            tx.commit().await?;
            let orders = committed.len();
            context.publisher.publish(committed);
            context.publisher.publish(search.erase(&found).await?);
            tx = context.db.begin_write().await?;
            if deliveries::lock_all_pending(&tx, &[id]).await?.is_empty() {
                return Ok(());
            }
            (
                Vec::new(),
                format!("personal data erased from {orders} orders"),
            )
        }
        ChannelEvent::AccountRedacted => {
            drop(tx);
            if !erase_shop(context, &delivery).await? {
                return Ok(());
            }
            let tx = context.db.begin_write().await?;
            finish(&tx, id, "everything about this shop was erased".to_owned()).await?;
            tx.commit().await?;
            context.db.forget_erased().await?;
            return Ok(());
        }
        ChannelEvent::OrderChanged(_)
        | ChannelEvent::OrderDeleted(_)
        | ChannelEvent::OrderTouched(_) => {
            return Err(anyhow::anyhow!("not a privacy request").into());
        }
    };
    finish(&tx, id, note).await?;
    tx.commit().await?;
    context.db.forget_erased().await?;
    info!(topic = delivery.topic, "privacy request carried out");
    context.publisher.publish(committed);
    Ok(())
}

/// Marks a request as done, and erases its body, which contains personal data.
async fn finish(tx: &WriteTx, id: Uuid, note: String) -> Result<(), DbErr> {
    let done = Finished {
        id,
        state: DeliveryState::Applied,
        order_id: None,
        version: None,
        note: Some(note),
    };
    deliveries::finish(tx, done).await?;
    counter!(names::PROCESSED, "outcome" => "applied").increment(1);
    erasure::prune(tx, vec![id]).await
}

/// Erases a shop; `false` when there is more to do. A large shop takes several turns; none
/// of them counts as a failed attempt.
async fn erase_shop(context: &ApplyToOrders, delivery: &ParsedDelivery) -> Result<bool, DbErr> {
    let turn_end = Instant::now() + ERASURE_TURN;
    match redact_shop(&context.db, &delivery.account, delivery.id, turn_end).await {
        Ok(true) => Ok(true),
        Err(error) if !is_conflict(&error) => Err(error),
        // There is more to do, or there was a conflict with another writer: the request is
        // due again for another turn.
        Ok(false) | Err(_) => {
            deliveries::postpone(&context.db, &[delivery.id], now()).await?;
            Ok(false)
        }
    }
}
