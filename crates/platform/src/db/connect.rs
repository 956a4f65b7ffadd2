//! Connecting and migrating.

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
use super::refusals::Refusals;
use super::{Db, Pools};

/// How long a request waits for a free connection before the answer is 503.
/// Shopify gives a delivery five seconds in all.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);

/// A connection nobody used for this long is tried before it is used.
const TEST_AFTER_IDLE: Duration = Duration::from_secs(1);

/// What `PostgreSQL` may take for one statement, and for getting one lock, in
/// milliseconds. Nothing here needs nearly as long.
const STATEMENT_TIMEOUT: &str = "30000";
const LOCK_TIMEOUT: &str = "10000";

/// How long a transaction may do nothing, in milliseconds: an instance that
/// froze in the middle of one must not keep its locks.
const IDLE_TIMEOUT: &str = "15000";

/// Any number, the same for every instance: "somebody is migrating".
const MIGRATION_LOCK: i64 = 7_283_401_559;

impl Db {
    /// Opens a pool without connecting yet, so that a server can start, say
    /// that it is not ready, and recover, while its database is away.
    /// `connections` are those to `PostgreSQL`, of all pools together.
    pub async fn open(url: &str, connections: u32) -> anyhow::Result<Self> {
        let file = DatabaseFile::of(url)?;
        let refusals = Refusals::default();
        if url.starts_with("sqlite:") {
            // Readers must not keep the one writer from a connection. One after
            // the other: switching a new file to WAL tolerates no company.
            let hot = pool(url, 1, Purpose::Hot, &refusals).await?;
            let read = pool(url, 6, Purpose::Read, &refusals).await?;
            let report = pool(url, REPORT_CONNECTIONS, Purpose::Report, &refusals).await?;
            return Ok(Self::new(url, Pools { hot, read, report }, file, refusals));
        }
        let for_reads = (connections / 3).max(1);
        let for_writes = connections.saturating_sub(for_reads).max(1);
        let pools = Pools {
            hot: pool(url, for_writes, Purpose::Hot, &refusals).await?,
            read: pool(url, for_reads, Purpose::Read, &refusals).await?,
            report: pool(url, REPORT_CONNECTIONS, Purpose::Report, &refusals).await?,
        };
        Ok(Self::new(url, pools, file, refusals))
    }

    /// Brings the schema up to date. Several instances may start at once: on
    /// `PostgreSQL` one migrates while the others wait for its lock. A schema
    /// that is newer than this binary is left alone: during an upgrade, and
    /// after one that was taken back, old instances work on it.
    pub async fn migrate<M: MigratorTrait>(&self) -> Result<(), DbErr> {
        if self.is_sqlite() {
            return migrate_up::<M>(self.read()).await;
        }
        // No limits on time: building an index takes as long as it takes.
        let unhurried = Database::connect(options(&self.url, 2)).await?;
        {
            // The lock lives as long as this transaction; the migrator works
            // on another connection.
            let lock = unhurried.begin().await?;
            lock.execute_raw(Statement::from_sql_and_values(
                sea_orm::DbBackend::Postgres,
                "SELECT pg_advisory_xact_lock($1)",
                [MIGRATION_LOCK.into()],
            ))
            .await?;
            migrate_up::<M>(&unhurried).await?;
            lock.commit().await?;
        }
        unhurried.close().await
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

/// What every pool has in common.
fn options(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_timeout(ACQUIRE_TIMEOUT)
        .max_connections(connections)
        .sqlx_logging_level(tracing::log::LevelFilter::Trace);
    options
}

/// What a pool's connections are for, and so how `PostgreSQL` plans what they ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// Statements are planned once: what is written is always looked up the same
    /// way. Left to itself, `PostgreSQL` plans such a statement every time: knowing
    /// how many rows an array holds it hopes for a cheaper plan, and gets the same one.
    Hot,
    /// Statements are planned anew for the values asked for. One word is in three
    /// orders and another in a million: no one plan finds both.
    Read,
    /// Reports read many rows: `PostgreSQL` plans them as it sees fit.
    Report,
}

/// Connections for reports. They come on top of the others and are opened when a
/// report asks for one.
const REPORT_CONNECTIONS: u32 = 2;

/// Settings of every session.
const SESSION: [(&str, &str); 4] = [
    ("statement_timeout", STATEMENT_TIMEOUT),
    ("lock_timeout", LOCK_TIMEOUT),
    ("idle_in_transaction_session_timeout", IDLE_TIMEOUT),
    // A network that swallows packets is noticed, too.
    ("tcp_user_timeout", LOCK_TIMEOUT),
];

/// Planner settings for rows that are looked up one by one.
const LOOK_UP: [(&str, &str); 5] = [
    // Everything asked for has an index, and rows joined with a handful of others are
    // looked up one by one. A plan made while a table was small must not read all of it
    // once it has grown.
    ("enable_seqscan", "off"),
    ("enable_hashjoin", "off"),
    ("enable_mergejoin", "off"),
    // What has no index costs infinitely much then, and what costs much is compiled: a
    // tenth of a second, for a table of 80 rows.
    ("jit", "off"),
    // Other requests want the other processors.
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
        settings.extend(LOOK_UP);
        settings
    }
}

async fn pool(
    url: &str,
    connections: u32,
    purpose: Purpose,
    refusals: &Refusals,
) -> anyhow::Result<DatabaseConnection> {
    let refusals = refusals.clone();
    let mut options = options(url, connections);
    options
        .connect_lazy(true)
        // A busy connection was fine a moment ago.
        .test_before_acquire_if_idle_for(TEST_AFTER_IDLE)
        .map_sqlx_postgres_opts(move |postgres| postgres.options(purpose.session_settings()))
        .map_sqlx_postgres_pool_opts(move |pool| {
            let refusals = refusals.clone();
            pool.before_acquire(move |_, session| {
                let fit = refusals.trusts(session.age);
                Box::pin(std::future::ready(Ok(fit)))
            })
        })
        .map_sqlx_sqlite_pool_opts(|pool| {
            pool.after_release(|connection, _| Box::pin(fit_for_reuse(connection)))
        })
        .map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(ACQUIRE_TIMEOUT)
                // What was erased is not to be found in the file.
                .pragma("secure_delete", "ON")
        });
    Database::connect(options)
        .await
        .context("DATABASE_URL is not a usable sqlite: or postgres: address")
}

/// Whether a `SQLite` connection has really left its transaction. Out of disk,
/// `SQLite` rolls back by itself; sqlx does not notice, and whatever came next on
/// that connection would be part of a transaction that nobody ever commits.
async fn fit_for_reuse(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    // A rollback that is still queued comes first.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}
