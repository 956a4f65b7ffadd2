//! The table that stores every change of a kind of item, in the transaction that makes
//! the change. It is also the outbox: an entry is marked when it was broadcast.
//!
//! Every such table has the columns `id`, the id of the changed item, `at`,
//! `broadcast_at`, `seq`, and on `PostgreSQL` `xid`, the id of the transaction. On `SQLite`
//! a counter in another table numbers the entries. `migrations/src/m0003_order_events.rs`
//! creates such a table.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DbErr, Statement, Value};
use uuid::Uuid;

use super::cursor::{Cursor, Position, Snapshot};
use crate::db::bulk::Bulk;
use crate::db::{Db, now};

/// A table of changes.
#[derive(Debug, Clone, Copy)]
pub struct EventTable {
    /// Its name.
    pub name: &'static str,
    /// The column with the id of the changed item.
    pub subject: &'static str,
    /// On `SQLite`, the table whose column `last` is the number of the last entry.
    pub counter: &'static str,
}

/// An entry that was committed but never broadcast.
#[derive(Debug, Clone, Copy)]
pub struct Unsent {
    /// The id of the entry.
    pub event_id: Uuid,
    /// The id of the changed item.
    pub subject: Uuid,
}

impl EventTable {
    /// The current snapshot of the database.
    pub async fn snapshot(&self, db: &Db) -> Result<Snapshot, DbErr> {
        let sql = if db.is_sqlite() {
            let counter = self.counter;
            format!("SELECT last || ':' || last || ':' AS snapshot FROM {counter}")
        } else {
            "SELECT pg_current_snapshot()::text AS snapshot".to_owned()
        };
        let query = Statement::from_string(db.backend(), sql);
        let row = db.read().query_one_raw(query).await?;
        let text: Option<String> = row.map(|row| row.try_get("", "snapshot")).transpose()?;
        text.and_then(|text| Snapshot::parse(&text))
            .ok_or_else(|| DbErr::Custom("no snapshot".into()))
    }

    /// Changes that `since` does not cover, oldest transaction first: their positions, and
    /// the ids of the changed items.
    pub(super) async fn since(
        &self,
        db: &Db,
        since: &Cursor,
        limit: u64,
    ) -> Result<Vec<(Position, Uuid)>, DbErr> {
        let Self { name, subject, .. } = self;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let query = if db.is_sqlite() {
            let sql = format!(
                "SELECT 0 AS xid, seq, {subject} AS subject FROM {name}
                 WHERE seq > $1 ORDER BY seq LIMIT $2"
            );
            let read = since.page.as_ref().map(|page| page.last.seq);
            let read = read.unwrap_or(since.covered.xmin);
            statement(db, &sql, [read.into(), limit.into()])
        } else {
            let sql = format!(
                "SELECT xid, seq, {subject} AS subject FROM {name}
                 WHERE (xid, seq) > ($1, $2)
                   AND NOT pg_visible_in_snapshot(xid::text::xid8, $3::pg_snapshot)
                 ORDER BY xid, seq LIMIT $4"
            );
            let (covered, read) = (since.covered.to_string(), since.position());
            let values = [
                read.xid.into(),
                read.seq.into(),
                covered.into(),
                limit.into(),
            ];
            statement(db, &sql, values)
        };
        let rows = db.read().query_all_raw(query).await?;
        rows.iter()
            .map(|row| {
                let position = Position {
                    xid: row.try_get("", "xid")?,
                    seq: row.try_get("", "seq")?,
                };
                Ok((position, row.try_get("", "subject")?))
            })
            .collect()
    }

    /// Up to `limit` changes that were committed more than `age` ago and never
    /// broadcast, oldest first.
    pub(super) async fn unsent(
        &self,
        db: &Db,
        age: Duration,
        limit: u64,
    ) -> Result<Vec<Unsent>, DbErr> {
        let Self { name, subject, .. } = self;
        let sql = format!(
            "SELECT id, {subject} AS subject FROM {name}
             WHERE broadcast_at IS NULL AND at < $1 ORDER BY at LIMIT $2"
        );
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let query = statement(db, &sql, [(now() - age).into(), limit.into()]);
        let rows = db.read().query_all_raw(query).await?;
        rows.iter()
            .map(|row| {
                Ok(Unsent {
                    event_id: row.try_get("", "id")?,
                    subject: row.try_get("", "subject")?,
                })
            })
            .collect()
    }

    /// Marks entries as broadcast.
    pub(super) async fn mark_broadcast(&self, db: &Db, events: &[Uuid]) -> Result<(), DbErr> {
        if events.is_empty() {
            return Ok(());
        }
        let mut update = Bulk::new(db.backend());
        let sent = update.among("id", events.iter().copied());
        let time = update.bind(now());
        let name = self.name;
        let update = update.statement(&format!(
            "UPDATE {name} SET broadcast_at = {time} WHERE {sent}"
        ));
        db.write_at_once(update).await.map(drop)
    }

    /// Corrects transaction ids after a `PostgreSQL` dump was restored into another
    /// cluster that has not reached them yet: clients would not see these changes until
    /// it does. All of them are committed, so they get the oldest id.
    pub async fn repair_after_restore(&self, db: &Db) -> Result<(), DbErr> {
        if db.is_sqlite() {
            return Ok(());
        }
        let name = self.name;
        let sql = format!(
            "UPDATE {name} SET xid = 0
             WHERE xid >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
        );
        let result = db.read().execute_raw(statement(db, &sql, [])).await?;
        if result.rows_affected() > 0 {
            let changes = result.rows_affected();
            tracing::info!(table = name, changes, "database was restored elsewhere");
        }
        Ok(())
    }
}

fn statement<const N: usize>(db: &Db, sql: &str, values: [Value; N]) -> Statement {
    Statement::from_sql_and_values(db.backend(), sql, values)
}
