//! Opens the pools with their session settings, and migrates the schema.

use std::collections::HashSet;
use std::time::Duration;

use anyhow::Context;
use sea_orm::sqlx::sqlite::{SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sea_orm::sqlx::{self, Connection};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr, Statement,
    TransactionTrait,
};
use sea_orm_migration::MigratorTrait;
use tracing::{info, warn};

use super::file::DatabaseFile;
use super::handle::{Db, Pools};
use super::write_health::WriteHealth;

/// How long a request waits for a free connection before it is answered with 503.
/// Shopify waits five seconds for the answer to a webhook.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);

/// A connection that was idle for this long is tested before it is used.
const TEST_AFTER_IDLE: Duration = Duration::from_secs(1);

/// How long one statement may take, and how long it may wait for a lock, in
/// milliseconds. Both are far above what the server needs.
const STATEMENT_TIMEOUT: &str = "30000";
const LOCK_TIMEOUT: &str = "10000";

/// How long a transaction may be idle, in milliseconds: an instance that froze in the
/// middle of one must not keep its locks.
const IDLE_TIMEOUT: &str = "15000";

/// The key of the advisory lock that a migrating instance holds: an arbitrary number, the
/// same for every instance.
const MIGRATION_LOCK: i64 = 7_283_401_559;

impl Db {
    /// Opens the pools without connecting yet, so that a server can start, answer
    /// that it is not ready, and recover, while its database is unavailable.
    /// `connections` limits those to `PostgreSQL`, of the pools `hot` and `read`
    /// together.
    ///
    /// # Errors
    ///
    /// If the address is not usable, or the file of a `SQLite` database cannot be
    /// created.
    pub async fn open(url: &str, connections: u32) -> anyhow::Result<Self> {
        let file = DatabaseFile::of(url)?;
        let write_health = WriteHealth::default();
        if url.starts_with("sqlite:") {
            // Readers must not take the one connection of the writer. Opened one after
            // the other: switching a new file to WAL fails while another does it, too.
            let hot = pool(url, 1, Purpose::Hot, &write_health).await?;
            let read = pool(url, 6, Purpose::Read, &write_health).await?;
            let report = pool(url, REPORT_CONNECTIONS, Purpose::Report, &write_health).await?;
            return Ok(Self::new(
                url,
                Pools { hot, read, report },
                file,
                write_health,
            ));
        }
        let read_connections = (connections / 3).max(1);
        let hot_connections = connections.saturating_sub(read_connections).max(1);
        let pools = Pools {
            hot: pool(url, hot_connections, Purpose::Hot, &write_health).await?,
            read: pool(url, read_connections, Purpose::Read, &write_health).await?,
            report: pool(url, REPORT_CONNECTIONS, Purpose::Report, &write_health).await?,
        };
        Ok(Self::new(url, pools, file, write_health))
    }

    /// Brings the schema up to date. Several instances may start at once: on
    /// `PostgreSQL` one migrates while the others wait for its lock. A schema
    /// that is newer than this binary is not changed: old instances use it during an
    /// upgrade, and after an upgrade that was undone.
    pub async fn migrate<M: MigratorTrait>(&self) -> Result<(), DbErr> {
        if self.is_sqlite() {
            return migrate_up::<M>(self.read()).await;
        }
        // Without the time limits of the other pools: building an index may take long.
        let migration_pool = Database::connect(options(&self.url, 2)).await?;
        {
            // The lock is released with this transaction; the migrator uses another
            // connection.
            let lock = migration_pool.begin().await?;
            lock.execute_raw(Statement::from_sql_and_values(
                sea_orm::DbBackend::Postgres,
                "SELECT pg_advisory_xact_lock($1)",
                [MIGRATION_LOCK.into()],
            ))
            .await?;
            migrate_up::<M>(&migration_pool).await?;
            lock.commit().await?;
        }
        migration_pool.close().await
    }
}

async fn migrate_up<M: MigratorTrait>(db: &DatabaseConnection) -> Result<(), DbErr> {
    let known: HashSet<String> = M::migrations()
        .iter()
        .map(|migration| migration.name().to_owned())
        .collect();
    M::install(db).await?;
    let applied = M::get_migration_models(db).await?;
    let newer = applied.iter().filter(|it| !known.contains(&it.version));
    let newer = newer.count();
    if newer > 0 {
        warn!(
            migrations = newer,
            "the database schema is newer than this server"
        );
        return Ok(());
    }
    M::up(db, None).await?;
    info!("database schema is up to date");
    Ok(())
}

/// The options of every pool.
fn options(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_timeout(ACQUIRE_TIMEOUT)
        .max_connections(connections)
        .sqlx_logging_level(tracing::log::LevelFilter::Trace);
    options
}

/// The purpose of a pool, which decides how `PostgreSQL` plans its statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// Statements are planned once: rows to write are always looked up in the same way.
    /// By default `PostgreSQL` would plan such a statement every time: it knows the
    /// length of the arrays, expects a cheaper plan, and gets the same one.
    Hot,
    /// Statements are planned for the values of each request. One word is in three
    /// orders and another in a million: no single plan is good for both.
    Read,
    /// Reports read many rows; `PostgreSQL` plans them with its default settings.
    Report,
}

/// Connections for reports, in addition to the others. They are opened when a report
/// needs one.
const REPORT_CONNECTIONS: u32 = 2;

/// Settings of every session.
const SESSION: [(&str, &str); 4] = [
    ("statement_timeout", STATEMENT_TIMEOUT),
    ("lock_timeout", LOCK_TIMEOUT),
    ("idle_in_transaction_session_timeout", IDLE_TIMEOUT),
    // Detects a network that drops packets silently.
    ("tcp_user_timeout", LOCK_TIMEOUT),
];

/// Planner settings for rows that are looked up one by one.
const LOOKUP: [(&str, &str); 5] = [
    // Every query has an index, and rows that are joined with a few others are looked
    // up one by one. A plan made while a table was small must not read all of it once it
    // has grown.
    ("enable_seqscan", "off"),
    ("enable_hashjoin", "off"),
    ("enable_mergejoin", "off"),
    // With these settings a scan without an index has a huge estimated cost, and costly
    // queries are compiled: that takes a tenth of a second, for a table of 80 rows.
    ("jit", "off"),
    // The other processors are for other requests.
    ("max_parallel_workers_per_gather", "0"),
];

impl Purpose {
    fn session_settings(self) -> Vec<(&'static str, &'static str)> {
        let mut settings = SESSION.to_vec();
        match self {
            Self::Hot => settings.push(("plan_cache_mode", "force_generic_plan")),
            Self::Read => settings.push(("plan_cache_mode", "force_custom_plan")),
            Self::Report => return settings,
        }
        settings.extend(LOOKUP);
        settings
    }
}

async fn pool(
    url: &str,
    connections: u32,
    purpose: Purpose,
    write_health: &WriteHealth,
) -> anyhow::Result<DatabaseConnection> {
    let write_health = write_health.clone();
    let mut options = options(url, connections);
    options
        .connect_lazy(true)
        // A connection that was used a moment ago still works.
        .test_before_acquire_if_idle_for(TEST_AFTER_IDLE)
        .map_sqlx_postgres_opts(move |postgres| postgres.options(purpose.session_settings()))
        .map_sqlx_postgres_pool_opts(move |pool| {
            let write_health = write_health.clone();
            pool.before_acquire(move |_, session| {
                let is_usable = write_health.allows_session(session.age);
                Box::pin(std::future::ready(Ok(is_usable)))
            })
        })
        .map_sqlx_sqlite_pool_opts(|pool| {
            pool.after_release(|connection, _| Box::pin(is_reusable(connection)))
        })
        .map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(ACQUIRE_TIMEOUT)
                // Overwrites erased data in the file.
                .pragma("secure_delete", "ON")
        });
    Database::connect(options)
        .await
        .context("DATABASE_URL is not a usable sqlite: or postgres: address")
}

/// Whether a `SQLite` connection has really left its transaction. On a full disk
/// `SQLite` rolls back by itself; sqlx does not notice, and the next statements on that
/// connection would be part of a transaction that is never committed.
async fn is_reusable(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    // A rollback that is still queued is executed before the ping.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}
