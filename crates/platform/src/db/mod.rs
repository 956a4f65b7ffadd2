//! One database, two engines: `PostgreSQL`, or `SQLite` on a laptop.

pub mod bulk;
pub mod clock;
mod connect;
mod failure;
mod file;
mod refusals;
pub mod write_batch;
mod write_tx;

use std::sync::Arc;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, QueryResult, RuntimeErr,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

pub use clock::{new_id, now};
pub use failure::{is_conflict, is_unavailable};
use file::DatabaseFile;
use refusals::Refusals;
pub use write_tx::WriteTx;

/// A handle on the database; cheap to clone.
#[derive(Clone)]
pub struct Db {
    /// Holds a password: not for any log.
    url: String,
    pools: Pools,
    /// `SQLite` takes one writer at a time. Queuing for that here, fairly and
    /// without polling, beats its own busy loop.
    one_at_a_time: Option<Arc<Semaphore>>,
    /// Where `SQLite` keeps it.
    file: Option<DatabaseFile>,
    refusals: Refusals,
}

/// Connections for three purposes, so that however long lists or reports take,
/// webhooks need not wait.
#[derive(Clone)]
struct Pools {
    /// Writes, and reads that webhooks wait for: planned once.
    hot: DatabaseConnection,
    /// Lists and searches: planned anew for the values asked for.
    read: DatabaseConnection,
    /// Reports over many rows: `PostgreSQL`'s own planner settings.
    report: DatabaseConnection,
}

/// How much of a pool is in use.
#[derive(Debug, Clone, Copy, Default)]
pub struct PoolUsage {
    /// Connected.
    pub open: u64,
    /// Of these, waiting for work.
    pub idle: u64,
    /// Allowed.
    pub most: u64,
}

impl Db {
    fn new(url: &str, pools: Pools, file: Option<DatabaseFile>, refusals: Refusals) -> Self {
        let one_writer = pools.hot.get_database_backend() == DbBackend::Sqlite;
        Self {
            url: url.to_owned(),
            pools,
            one_at_a_time: one_writer.then(|| Arc::new(Semaphore::new(1))),
            file,
            refusals,
        }
    }

    /// For lists and searches.
    pub const fn read(&self) -> &DatabaseConnection {
        &self.pools.read
    }

    /// For reads that webhooks wait for: however long lists take. On `SQLite`,
    /// where writers take turns, those are the connections for lists as well.
    pub const fn read_hot(&self) -> &DatabaseConnection {
        if self.is_sqlite() {
            &self.pools.read
        } else {
            &self.pools.hot
        }
    }

    /// For reports over many rows. The planner settings of the other pools, made for
    /// rows that are looked up one by one, would ruin them.
    pub const fn report(&self) -> &DatabaseConnection {
        &self.pools.report
    }

    /// The permission to write, where there is one writer.
    async fn turn(&self) -> Result<Option<OwnedSemaphorePermit>, DbErr> {
        self.check_file()?;
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
        let written = self.pools.hot.query_all_raw(statement).await;
        self.refusals.note(&written);
        if written.is_ok() {
            self.refusals.succeeded();
        }
        written
    }

    fn check_file(&self) -> Result<(), DbErr> {
        self.file.as_ref().map_or(Ok(()), DatabaseFile::check)
    }

    /// Begins a write transaction.
    pub async fn begin_write(&self) -> Result<WriteTx, DbErr> {
        let turn = self.turn().await?;
        let options = TransactionOptions {
            sqlite_transaction_mode: self.is_sqlite().then_some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let tx = self.pools.hot.begin_with_options(options).await;
        self.refusals.note(&tx);
        Ok(WriteTx::new(tx?, self.refusals.clone(), turn))
    }

    /// The engine, for SQL of our own.
    pub fn backend(&self) -> DbBackend {
        self.pools.hot.get_database_backend()
    }

    /// The engine is `SQLite`.
    pub const fn is_sqlite(&self) -> bool {
        self.one_at_a_time.is_some()
    }

    /// What was erased is erased from `SQLite`'s log, too, as far as nobody reads
    /// there just now; pages it was on are overwritten (`secure_delete`).
    /// `PostgreSQL` does so by itself, when it vacuums.
    pub async fn forget_erased(&self) -> Result<(), DbErr> {
        if self.is_sqlite() {
            let _turn = self.turn().await?;
            let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
            self.pools.hot.execute_unprepared(checkpoint).await?;
        }
        Ok(())
    }

    /// The pools by name, and how much of each is in use.
    pub fn pool_usage(&self) -> [(&'static str, PoolUsage); 3] {
        let of = |pool: &DatabaseConnection| {
            let (open, idle, most) = if self.is_sqlite() {
                let pool = pool.get_sqlite_connection_pool();
                let most = pool.options().get_max_connections();
                (pool.size(), pool.num_idle(), most)
            } else {
                let pool = pool.get_postgres_connection_pool();
                let most = pool.options().get_max_connections();
                (pool.size(), pool.num_idle(), most)
            };
            PoolUsage {
                open: u64::from(open),
                idle: idle as u64,
                most: u64::from(most),
            }
        };
        [
            ("hot", of(&self.pools.hot)),
            ("read", of(&self.pools.read)),
            ("report", of(&self.pools.report)),
        ]
    }

    /// A round trip to the database, on a connection that webhooks would take: an
    /// error if it would not take what they say.
    pub async fn ping(&self) -> Result<(), DbErr> {
        let refuses = |why: &str| DbErr::Conn(RuntimeErr::Internal(why.to_owned()));
        self.check_file()?;
        if self.is_sqlite() {
            self.pools.read.ping().await?;
        } else if self.is_read_only().await? {
            self.refusals.refused();
            return Err(refuses("the database is read-only"));
        }
        if self.refusals.refusing() {
            return Err(refuses("the database refuses writes"));
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
