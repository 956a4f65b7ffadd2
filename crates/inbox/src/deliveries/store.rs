//! The SQL that stores deliveries, claims those that are due, and records their results.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};
use platform::db::bulk::{Bulk, LockMode, Rows};
use platform::db::write_batch::{WriteBatch, WriteId};
use platform::db::{Db, WriteTx, now};
use platform::queue::retry::AfterFailure;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveEnum, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter,
    QueryResult, QuerySelect,
};
use uuid::Uuid;

use super::entity::{ActiveModel, Column, DeliveryState, Entity, Model};
use super::{NewDelivery, Stored};

/// The condition that a delivery is pending, in a form that no index matches: statements
/// that name deliveries by their ids must find them by these ids, not by an index that
/// contains every pending delivery.
const IS_PENDING: &str = "deliveries.state || '' = 'pending'";

/// Stores a batch, all or nothing; returns the results in the order of the batch. Rows
/// that are still pending at `due_at` are then found by the dispatcher.
pub async fn insert_batch(
    db: &Db,
    batch: Vec<NewDelivery>,
    due_at: DateTime<Utc>,
) -> Result<Vec<Stored>, DbErr> {
    let keys: Vec<(Uuid, Key)> = batch.iter().map(|d| (d.id, key(d))).collect();
    let rows = Rows::of(batch.into_iter().map(|delivery| row(delivery, due_at)));
    // Only the id is returned, so that the payload is not sent back.
    let insert = Bulk::insert(
        db.backend(),
        "deliveries",
        rows,
        "ON CONFLICT (source, shop, webhook_id) DO NOTHING RETURNING id",
    );
    let new = db.write_at_once(insert).await?;
    let new: HashSet<Uuid> = new
        .iter()
        .map(|row| row.try_get("", "id"))
        .collect::<Result<_, _>>()?;
    let repeats = keys.iter().filter(|(id, _)| !new.contains(id));
    let known = if new.len() == keys.len() {
        HashMap::new()
    } else {
        find_ids(db.read_hot(), repeats.map(|(_, key)| key)).await?
    };
    keys.into_iter()
        .map(|(id, key)| match known.get(&key) {
            _ if new.contains(&id) => Ok(Stored::New(id)),
            Some(known) => Ok(Stored::Duplicate(*known)),
            None => Err(DbErr::RecordNotFound("the delivery it repeats".into())),
        })
        .collect()
}

/// Source, shop and webhook id: a delivery with the same key is a repeat.
type Key = (String, String, String);

fn key(delivery: &NewDelivery) -> Key {
    (
        delivery.account.channel.as_str().to_owned(),
        delivery.account.name.clone(),
        delivery.webhook_id.clone(),
    )
}

async fn find_ids(
    db: &impl ConnectionTrait,
    keys: impl Iterator<Item = &Key>,
) -> Result<HashMap<Key, Uuid>, DbErr> {
    let same_webhook = |(source, shop, webhook_id): &Key| {
        Condition::all()
            .add(Column::Source.eq(source))
            .add(Column::Shop.eq(shop))
            .add(Column::WebhookId.eq(webhook_id))
    };
    let rows: Vec<(Uuid, String, String, String)> = Entity::find()
        .select_only()
        .columns([Column::Id, Column::Source, Column::Shop, Column::WebhookId])
        .filter(
            keys.map(same_webhook)
                .fold(Condition::any(), Condition::add),
        )
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(id, source, shop, webhook_id)| ((source, shop, webhook_id), id))
        .collect())
}

fn row(delivery: NewDelivery, due_at: DateTime<Utc>) -> ActiveModel {
    let pending = delivery.state == DeliveryState::Pending;
    ActiveModel {
        id: Set(delivery.id),
        source: Set(delivery.account.channel.as_str().to_owned()),
        shop: Set(delivery.account.name),
        webhook_id: Set(delivery.webhook_id),
        topic: Set(delivery.topic),
        triggered_at: Set(delivery.triggered_at),
        received_at: Set(delivery.received_at),
        state: Set(delivery.state),
        attempts: Set(0),
        due_at: Set(pending.then_some(due_at)),
        retry_at: Set(None),
        error: Set(delivery.error),
        order_id: Set(None),
        finished_at: Set((!pending).then_some(delivery.received_at)),
        payload: Set(delivery.payload),
        payload_pruned_at: Set(None),
    }
}

/// Claims up to `limit` due deliveries, those that are due longest first. No other
/// instance can claim them before `until`.
pub async fn claim_due(db: &Db, limit: u64, until: DateTime<Utc>) -> Result<Vec<Uuid>, DbErr> {
    // The first query runs outside a transaction: usually no delivery is due.
    let candidates = find_due(db, limit).await?;
    if candidates.is_empty() {
        return Ok(candidates);
    }
    let tx = db.begin_write().await?;
    let mut claimed = try_lock(&tx, candidates, Some(now())).await?;
    set_due(&tx, &claimed, until).await?;
    tx.commit().await?;
    // Ids are ordered by time, so this is the order of arrival.
    claimed.sort_unstable();
    Ok(claimed)
}

/// The due deliveries, those that are due longest first. `SQLite` needs the name of the
/// index, and `PostgreSQL` needs the condition of the index as literal text, because
/// neither uses a partial index whose condition has a parameter.
async fn find_due(db: &Db, limit: u64) -> Result<Vec<Uuid>, DbErr> {
    let mut query = Bulk::new(db.backend());
    let time = query.bind(now());
    let limit = query.bind(limit.cast_signed());
    let index = if db.is_sqlite() {
        "INDEXED BY deliveries_due"
    } else {
        ""
    };
    let query = query.statement(&format!(
        "SELECT id FROM deliveries {index} WHERE state = 'pending' AND due_at <= {time}
         ORDER BY due_at LIMIT {limit}"
    ));
    ids(&db.read_hot().query_all_raw(query).await?)
}

fn ids(rows: &[QueryResult]) -> Result<Vec<Uuid>, DbErr> {
    rows.iter().map(|row| row.try_get("", "id")).collect()
}

/// Locks those of the deliveries that are pending and, with a time, due by then. Those
/// that another transaction has locked are skipped, because waiting for one would delay
/// all the others.
async fn try_lock(
    tx: &WriteTx,
    which: Vec<Uuid>,
    due: Option<DateTime<Utc>>,
) -> Result<Vec<Uuid>, DbErr> {
    let mut query = Bulk::new(tx.get_database_backend());
    let wanted = query.rows(Rows::default().with("id", which));
    let is_due = due.map_or(String::new(), |time| {
        format!("AND deliveries.due_at <= {}", query.bind(time))
    });
    let deliveries = query.lookup(
        "deliveries",
        &format!("deliveries.id = wanted.id AND {IS_PENDING} {is_due}"),
        LockMode::SkipLocked,
    );
    let query = query.statement(&format!(
        "SELECT deliveries.id FROM ({wanted}) AS wanted {deliveries}"
    ));
    ids(&tx.query_all_raw(query).await?)
}

async fn set_due(tx: &WriteTx, ids: &[Uuid], due_at: DateTime<Utc>) -> Result<(), DbErr> {
    if ids.is_empty() {
        return Ok(());
    }
    let mut update = Bulk::new(tx.get_database_backend());
    let claimed = update.among("id", ids.iter().copied());
    let time = update.bind(due_at);
    let update = update.statement(&format!(
        "UPDATE deliveries SET due_at = {time} WHERE {claimed}"
    ));
    tx.execute_raw(update).await.map(drop)
}

/// Makes every pending delivery due now. For the start with the embedded queue, which
/// loses its jobs at a stop: no delivery can still be in progress then.
pub async fn make_pending_due(db: &Db) -> Result<u64, DbErr> {
    let tx = db.begin_write().await?;
    let result = Entity::update_many()
        .col_expr(Column::DueAt, Expr::value(now()))
        .filter(Column::State.eq(DeliveryState::Pending))
        .exec(&tx)
        .await?;
    tx.commit().await?;
    Ok(result.rows_affected)
}

/// Loads those of `ids` that are to be processed now, oldest first, and locks them until
/// the transaction ends. Deliveries that are finished, do not exist, or wait for the time
/// of their next attempt are left out, because a job may arrive twice.
pub async fn lock_all_pending(tx: &WriteTx, ids: &[Uuid]) -> Result<Vec<Model>, DbErr> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    // Always in the same order, so that no two transactions wait for each other.
    let ids: BTreeSet<Uuid> = ids.iter().copied().collect();
    let mut query = Bulk::new(tx.get_database_backend());
    let wanted = query.rows(Rows::default().with("id", ids));
    let time = query.bind(now());
    let deliveries = query.lookup(
        "deliveries",
        &format!(
            "deliveries.id = wanted.id AND {IS_PENDING}
             AND (deliveries.retry_at IS NULL OR deliveries.retry_at <= {time})"
        ),
        LockMode::Wait,
    );
    let query = query.statement(&format!(
        "SELECT deliveries.* FROM ({wanted}) AS wanted {deliveries}"
    ));
    Entity::find().from_raw_sql(query).all(tx).await
}

/// The result of a delivery.
#[derive(Debug, Clone)]
pub struct Finished {
    /// The id of the delivery.
    pub id: Uuid,
    /// Its final state.
    pub state: DeliveryState,
    /// The order that it is about.
    pub order_id: Option<Uuid>,
    /// The version of the order that it created.
    pub version: Option<i64>,
    /// A note for people who look at the delivery; never contains personal data.
    pub note: Option<String>,
}

/// Records the result of one delivery, if it is still pending.
pub async fn finish(tx: &WriteTx, finished: Finished) -> Result<(), DbErr> {
    let mut writes = WriteBatch::new(tx.get_database_backend());
    finish_with(&mut writes, &[finished]);
    writes.execute(tx).await.map(drop)
}

/// Adds the results of deliveries to a batch of writes. Only deliveries that are still
/// pending are written. If fewer rows than results are written, another worker has
/// processed the others, and the caller must roll back.
pub fn finish_with(writes: &mut WriteBatch, finished: &[Finished]) -> WriteId {
    let mut finished: Vec<_> = finished.iter().collect();
    finished.sort_unstable_by_key(|it| it.id);
    let ids = finished.iter().map(|it| it.id).collect();
    let rows = Rows::default()
        .with("state", finished.iter().map(|it| it.state.to_value()))
        .with_nullable("order_id", finished.iter().map(|it| it.order_id))
        .with_nullable("error", finished.iter().map(|it| it.note.clone()));
    writes.add(|update| {
        let set = |update: &mut Bulk| {
            let time = update.bind(now());
            format!("finished_at = {time}, due_at = NULL, retry_at = NULL")
        };
        update.update_each("deliveries", ids, rows, set, IS_PENDING)
    })
}

/// Records a failed attempt, if the delivery is still pending. `after` decides, by the
/// number of attempts, whether it is retried or dead.
pub async fn record_failure(
    db: &Db,
    id: Uuid,
    error: &str,
    after: impl Fn(i32) -> AfterFailure,
) -> Result<Option<AfterFailure>, DbErr> {
    let tx = db.begin_write().await?;
    let Some(delivery) = lock_all_pending(&tx, &[id]).await?.pop() else {
        return Ok(None);
    };
    let attempts = delivery.attempts + 1;
    let outcome = after(attempts);
    let (state, due_at, finished_at) = match outcome {
        AfterFailure::RetryAt(time) => (DeliveryState::Pending, Some(time), None),
        AfterFailure::Dead => (DeliveryState::Dead, None, Some(now())),
    };
    let row = ActiveModel {
        id: Set(id),
        state: Set(state),
        attempts: Set(attempts),
        due_at: Set(due_at),
        retry_at: Set(due_at),
        error: Set(Some(error.to_owned())),
        finished_at: Set(finished_at),
        ..ActiveModel::default()
    };
    Entity::update(row).exec_without_returning(&tx).await?;
    tx.commit().await?;
    Ok(Some(outcome))
}

/// Makes deliveries due again at `until` without counting an attempt, for failures that
/// were not caused by the deliveries.
pub async fn postpone(db: &Db, ids: &[Uuid], until: DateTime<Utc>) -> Result<(), DbErr> {
    let tx = db.begin_write().await?;
    let locked = try_lock(&tx, ids.to_vec(), None).await?;
    set_due(&tx, &locked, until).await?;
    tx.commit().await
}

/// Drops the raw payloads of finished deliveries. The rows stay as a record, and because
/// repeated webhooks are recognised by them.
pub async fn prune_payloads(tx: &impl ConnectionTrait, which: Condition) -> Result<u64, DbErr> {
    let result = Entity::update_many()
        .col_expr(Column::Payload, Expr::value(Vec::<u8>::new()))
        .col_expr(Column::PayloadPrunedAt, Expr::value(now()))
        .filter(which)
        .filter(Column::FinishedAt.is_not_null())
        .filter(Column::PayloadPrunedAt.is_null())
        .exec(tx)
        .await?;
    Ok(result.rows_affected)
}
