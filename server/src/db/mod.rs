//! One database, two engines: `PostgreSQL`, or `SQLite` on a laptop.

pub mod bulk;
mod clock;
mod connect;
pub mod entities;
mod failure;

use std::sync::Arc;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, QueryResult,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

pub use clock::now;
pub use failure::{is_conflict, is_unavailable};

/// A handle on the database; cheap to clone.
#[derive(Clone)]
pub struct Db {
    /// Holds a password: not for any log.
    url: String,
    readers: DatabaseConnection,
    /// `SQLite` takes one writer at a time. Queuing for that here, fairly and
    /// without polling, beats its own busy loop.
    writer: Option<(DatabaseConnection, Arc<Semaphore>)>,
}

/// A write transaction; rolls back unless committed.
#[derive(Debug)]
pub struct WriteTx {
    tx: DatabaseTransaction,
    _writer: Option<OwnedSemaphorePermit>,
}

/// How much of a pool is in use.
#[derive(Debug, Clone, Copy)]
pub struct Connections {
    /// Connected.
    pub open: u64,
    /// Of these, waiting for work.
    pub idle: u64,
    /// Allowed.
    pub most: u64,
}

impl Db {
    fn new(
        url: &str,
        readers: DatabaseConnection,
        single_writer: Option<DatabaseConnection>,
    ) -> Self {
        Self {
            url: url.to_owned(),
            readers,
            writer: single_writer.map(|writer| (writer, Arc::new(Semaphore::new(1)))),
        }
    }

    /// For reads.
    pub const fn read(&self) -> &DatabaseConnection {
        &self.readers
    }

    /// Where to write, and the permission to.
    async fn writer(&self) -> Result<(&DatabaseConnection, Option<OwnedSemaphorePermit>), DbErr> {
        let Some((writer, gate)) = &self.writer else {
            return Ok((&self.readers, None));
        };
        let permit = gate.clone().acquire_owned().await;
        let permit = permit.map_err(|closed| DbErr::Custom(closed.to_string()))?;
        Ok((writer, Some(permit)))
    }

    /// Writes with one statement, which is a transaction by itself: one round
    /// trip rather than three. Returns what it returns.
    pub async fn write_at_once(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let (connection, _permit) = self.writer().await?;
        connection.query_all_raw(statement).await
    }

    /// Begins a write transaction.
    pub async fn begin_write(&self) -> Result<WriteTx, DbErr> {
        let (connection, permit) = self.writer().await?;
        let options = TransactionOptions {
            sqlite_transaction_mode: self.is_sqlite().then_some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(WriteTx {
            tx: connection.begin_with_options(options).await?,
            _writer: permit,
        })
    }

    /// The engine, for SQL of our own.
    pub fn backend(&self) -> DbBackend {
        self.readers.get_database_backend()
    }

    /// The engine is `SQLite`.
    pub const fn is_sqlite(&self) -> bool {
        self.writer.is_some()
    }

    /// The pool for reads and, on `PostgreSQL`, for everything.
    pub fn connections(&self) -> Connections {
        let (open, idle, most) = if self.is_sqlite() {
            let pool = self.readers.get_sqlite_connection_pool();
            (
                pool.size(),
                pool.num_idle(),
                pool.options().get_max_connections(),
            )
        } else {
            let pool = self.readers.get_postgres_connection_pool();
            (
                pool.size(),
                pool.num_idle(),
                pool.options().get_max_connections(),
            )
        };
        Connections {
            open: open.into(),
            idle: idle as u64,
            most: most.into(),
        }
    }

    /// A round trip to the database.
    pub async fn ping(&self) -> Result<(), DbErr> {
        self.readers.ping().await
    }
}

impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Db")
            .field("sqlite", &self.is_sqlite())
            .finish_non_exhaustive()
    }
}

impl WriteTx {
    /// Commits.
    pub async fn commit(self) -> Result<(), DbErr> {
        self.tx.commit().await
    }
}

impl std::ops::Deref for WriteTx {
    type Target = DatabaseTransaction;

    fn deref(&self) -> &DatabaseTransaction {
        &self.tx
    }
}
