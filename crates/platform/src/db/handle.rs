//! The handle on the database.

use std::sync::Arc;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, QueryResult, RuntimeErr,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::file::DatabaseFile;
use super::write_health::WriteHealth;
use super::write_tx::WriteTx;

/// A handle on the database; cheap to clone.
#[derive(Clone)]
pub struct Db {
    /// Contains a password, so it must never be logged.
    pub(super) url: String,
    pub(super) pools: Pools,
    /// `SQLite` allows one writer at a time. Writers wait here, in order and without
    /// polling, which is better than its own busy loop.
    pub(super) single_writer: Option<Arc<Semaphore>>,
    /// The file, on `SQLite`.
    pub(super) file: Option<DatabaseFile>,
    pub(super) write_health: WriteHealth,
}

/// Connections for three purposes, so that slow lists and reports do not delay
/// webhooks.
#[derive(Clone)]
pub(super) struct Pools {
    /// Writes, and reads that webhooks wait for. Statements are planned once.
    pub(super) hot: DatabaseConnection,
    /// Lists and searches. Statements are planned for the values of each request.
    pub(super) read: DatabaseConnection,
    /// Reports over many rows, with the planner settings of `PostgreSQL`.
    pub(super) report: DatabaseConnection,
}

/// How much of a pool is in use.
#[derive(Debug, Clone, Copy, Default)]
pub struct PoolUsage {
    /// Open connections.
    pub open: u64,
    /// Open connections that are not in use.
    pub idle: u64,
    /// Connections that the pool may open.
    pub max: u64,
}

impl Db {
    pub(super) fn new(
        url: &str,
        pools: Pools,
        file: Option<DatabaseFile>,
        write_health: WriteHealth,
    ) -> Self {
        let one_writer = pools.hot.get_database_backend() == DbBackend::Sqlite;
        Self {
            url: url.to_owned(),
            pools,
            single_writer: one_writer.then(|| Arc::new(Semaphore::new(1))),
            file,
            write_health,
        }
    }

    /// Connections for lists and searches.
    pub const fn read(&self) -> &DatabaseConnection {
        &self.pools.read
    }

    /// Connections for reads that webhooks wait for, which lists cannot delay. On
    /// `SQLite` they are shared with lists: there is only one connection for writes.
    pub const fn read_hot(&self) -> &DatabaseConnection {
        if self.is_sqlite() {
            &self.pools.read
        } else {
            &self.pools.hot
        }
    }

    /// Connections for reports over many rows. The planner settings of the other pools
    /// are for rows that are looked up one by one, and would make reports slow.
    pub const fn report(&self) -> &DatabaseConnection {
        &self.pools.report
    }

    /// Waits for the permission to write, on `SQLite`.
    async fn write_permit(&self) -> Result<Option<OwnedSemaphorePermit>, DbErr> {
        self.check_file()?;
        let Some(single_writer) = &self.single_writer else {
            return Ok(None);
        };
        let permit = single_writer.clone().acquire_owned().await;
        permit
            .map(Some)
            .map_err(|closed| DbErr::Custom(closed.to_string()))
    }

    /// Writes with one statement that is a transaction by itself, in one round trip
    /// instead of three. Returns the rows that the statement returns.
    pub async fn write_at_once(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let _permit = self.write_permit().await?;
        let written = self.pools.hot.query_all_raw(statement).await;
        self.write_health.record(&written);
        if written.is_ok() {
            self.write_health.record_success();
        }
        written
    }

    fn check_file(&self) -> Result<(), DbErr> {
        self.file.as_ref().map_or(Ok(()), DatabaseFile::check)
    }

    /// Begins a write transaction.
    pub async fn begin_write(&self) -> Result<WriteTx, DbErr> {
        let permit = self.write_permit().await?;
        let options = TransactionOptions {
            sqlite_transaction_mode: self.is_sqlite().then_some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let tx = self.pools.hot.begin_with_options(options).await;
        self.write_health.record(&tx);
        Ok(WriteTx::new(tx?, self.write_health.clone(), permit))
    }

    /// The engine, for SQL that is written by hand.
    pub fn backend(&self) -> DbBackend {
        self.pools.hot.get_database_backend()
    }

    /// The engine is `SQLite`.
    pub const fn is_sqlite(&self) -> bool {
        self.single_writer.is_some()
    }

    /// Removes erased data from the write-ahead log of `SQLite`, too, except for the
    /// part that another connection is reading. In the file itself `secure_delete`
    /// overwrites erased data. `PostgreSQL` removes it when it vacuums.
    pub async fn forget_erased(&self) -> Result<(), DbErr> {
        if self.is_sqlite() {
            let _permit = self.write_permit().await?;
            let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
            self.pools.hot.execute_unprepared(checkpoint).await?;
        }
        Ok(())
    }

    /// The name and the usage of every pool.
    pub fn pool_usage(&self) -> [(&'static str, PoolUsage); 3] {
        let usage = |pool: &DatabaseConnection| {
            let (open, idle, max) = if self.is_sqlite() {
                let pool = pool.get_sqlite_connection_pool();
                let max = pool.options().get_max_connections();
                (pool.size(), pool.num_idle(), max)
            } else {
                let pool = pool.get_postgres_connection_pool();
                let max = pool.options().get_max_connections();
                (pool.size(), pool.num_idle(), max)
            };
            PoolUsage {
                open: u64::from(open),
                idle: idle as u64,
                max: u64::from(max),
            }
        };
        [
            ("hot", usage(&self.pools.hot)),
            ("read", usage(&self.pools.read)),
            ("report", usage(&self.pools.report)),
        ]
    }

    /// A round trip to the database, on a connection of the kind that webhooks use. An
    /// error means that a webhook could not be stored now.
    pub async fn ping(&self) -> Result<(), DbErr> {
        let unavailable = |why: &str| DbErr::Conn(RuntimeErr::Internal(why.to_owned()));
        self.check_file()?;
        if self.is_sqlite() {
            self.pools.read.ping().await?;
        } else if self.is_read_only().await? {
            self.write_health.record_refusal();
            return Err(unavailable("the database is read-only"));
        }
        if self.write_health.is_refusing() {
            return Err(unavailable("the database refuses writes"));
        }
        Ok(())
    }

    async fn is_read_only(&self) -> Result<bool, DbErr> {
        let sql = "SELECT pg_is_in_recovery()
                     OR current_setting('transaction_read_only') = 'on' AS read_only";
        let statement = Statement::from_string(self.backend(), sql);
        match self.pools.hot.query_one_raw(statement).await? {
            Some(row) => row.try_get("", "read_only"),
            None => Ok(false),
        }
    }
}

impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Db")
            .field("sqlite", &self.is_sqlite())
            .finish_non_exhaustive()
    }
}
