//! One database, two engines: `PostgreSQL`, or `SQLite` on a laptop.

pub mod bulk;
mod clock;
mod connect;
pub mod entities;
mod failure;
pub mod together;

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
    /// Connections of their own: however long lists take, webhooks need not wait.
    writers: DatabaseConnection,
    /// `SQLite` takes one writer at a time. Queuing for that here, fairly and
    /// without polling, beats its own busy loop.
    one_at_a_time: Option<Arc<Semaphore>>,
}

/// A write transaction; rolls back unless committed.
#[derive(Debug)]
pub struct WriteTx {
    tx: DatabaseTransaction,
    _turn: Option<OwnedSemaphorePermit>,
}

/// How much of a pool is in use.
#[derive(Debug, Clone, Copy, Default)]
pub struct Connections {
    /// Connected.
    pub open: u64,
    /// Of these, waiting for work.
    pub idle: u64,
    /// Allowed.
    pub most: u64,
}

impl Db {
    fn new(url: &str, readers: DatabaseConnection, writers: DatabaseConnection) -> Self {
        let one_writer = readers.get_database_backend() == DbBackend::Sqlite;
        Self {
            url: url.to_owned(),
            readers,
            writers,
            one_at_a_time: one_writer.then(|| Arc::new(Semaphore::new(1))),
        }
    }

    /// For reads.
    pub const fn read(&self) -> &DatabaseConnection {
        &self.readers
    }

    /// For reads that webhooks wait for: however long lists take. On `SQLite`,
    /// where writers take turns, those are the connections for reads as well.
    pub const fn read_urgently(&self) -> &DatabaseConnection {
        if self.is_sqlite() {
            &self.readers
        } else {
            &self.writers
        }
    }

    /// The permission to write, where there is one writer.
    async fn turn(&self) -> Result<Option<OwnedSemaphorePermit>, DbErr> {
        let Some(gate) = &self.one_at_a_time else {
            return Ok(None);
        };
        let permit = gate.clone().acquire_owned().await;
        permit
            .map(Some)
            .map_err(|closed| DbErr::Custom(closed.to_string()))
    }

    /// Writes with one statement, which is a transaction by itself: one round
    /// trip rather than three. Returns what it returns.
    pub async fn write_at_once(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let _turn = self.turn().await?;
        self.writers.query_all_raw(statement).await
    }

    /// Begins a write transaction.
    pub async fn begin_write(&self) -> Result<WriteTx, DbErr> {
        let turn = self.turn().await?;
        let options = TransactionOptions {
            sqlite_transaction_mode: self.is_sqlite().then_some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(WriteTx {
            tx: self.writers.begin_with_options(options).await?,
            _turn: turn,
        })
    }

    /// The engine, for SQL of our own.
    pub fn backend(&self) -> DbBackend {
        self.readers.get_database_backend()
    }

    /// The engine is `SQLite`.
    pub const fn is_sqlite(&self) -> bool {
        self.one_at_a_time.is_some()
    }

    /// All connections, those for reads and those for writes.
    pub fn connections(&self) -> Connections {
        let mut all = Connections::default();
        for pool in [&self.readers, &self.writers] {
            let (open, idle, most) = if self.is_sqlite() {
                let pool = pool.get_sqlite_connection_pool();
                let most = pool.options().get_max_connections();
                (pool.size(), pool.num_idle(), most)
            } else {
                let pool = pool.get_postgres_connection_pool();
                let most = pool.options().get_max_connections();
                (pool.size(), pool.num_idle(), most)
            };
            all.open += u64::from(open);
            all.idle += idle as u64;
            all.most += u64::from(most);
        }
        all
    }

    /// A round trip to the database, on a connection that webhooks would take.
    pub async fn ping(&self) -> Result<(), DbErr> {
        self.read_urgently().ping().await
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
