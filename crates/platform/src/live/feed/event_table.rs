//! The table in which every change of a kind of thing is stored, in the transaction
//! that makes it. It is also the outbox: an entry is marked once it was broadcast.
//!
//! Columns that every such table has: `id`, the subject's id, `at`, `broadcast_at`,
//! `seq`, and on `PostgreSQL` `xid`, the id of the transaction. `SQLite` numbers entries
//! by a counter in a table of its own. `migrations/src/m0003_order_events.rs` is one.

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
    /// The column that says what changed.
    pub subject: &'static str,
    /// On `SQLite`, the table that holds the number of its last entry, in `last`.
    pub counter: &'static str,
}

/// An entry that was committed but never broadcast.
#[derive(Debug, Clone, Copy)]
pub struct Unsent {
    /// The entry.
    pub event_id: Uuid,
    /// What changed.
    pub subject: Uuid,
}

impl EventTable {
    /// What is visible now.
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

    /// Changes that `since` does not cover, oldest transaction first, with what changed.
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

    /// A `PostgreSQL` dump restored into another cluster brings transaction ids
    /// that lie in that cluster's future; changes would stay unread until it gets
    /// there. They are all committed, so they may count as ancient.
    pub async fn heal_after_restore(&self, db: &Db) -> Result<(), DbErr> {
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
