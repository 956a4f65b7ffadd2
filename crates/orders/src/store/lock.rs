//! Finds orders and locks them until the transaction ends, so that no other writer can
//! change them between reading and writing.

use std::collections::{BTreeSet, HashMap};

use domain::channels::account::OrderKey;
use domain::orders::order::OrderState;
use platform::db::WriteTx;
use platform::db::bulk::{Bulk, LockMode, Rows};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait};
use uuid::Uuid;

use super::key::EXTERNAL_ID;
use crate::entities::order;

/// Finds and locks orders by their ids.
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

/// Finds and locks orders by their keys, always in the same order, so that no two writers
/// wait for each other.
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
    // In this form no index matches account and channel. The plan must find orders by
    // their own ids, even if there were only few orders when it was made.
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
