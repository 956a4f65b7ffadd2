//! Connecting and migrating.

use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use migrations::{Migrator, MigratorTrait};
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr, Statement};
use tracing::info;

use super::Db;

/// How long a request waits for a free connection before the answer is 503.
/// Shopify gives a delivery five seconds in all.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);

/// What `PostgreSQL` may take for one statement, and for getting one lock, in
/// milliseconds. Nothing here needs nearly as long.
const STATEMENT_TIMEOUT: &str = "30000";
const LOCK_TIMEOUT: &str = "10000";

/// Any number, the same for every instance: "somebody is migrating".
const MIGRATION_LOCK: i64 = 7_283_401_559;

impl Db {
    /// Opens a pool without connecting yet, so that a server can start, say
    /// that it is not ready, and recover, while its database is away.
    pub async fn open(url: &str) -> anyhow::Result<Self> {
        create_sqlite_folder(url)?;
        if url.starts_with("sqlite:") {
            // Readers must not keep the one writer from a connection. One after
            // the other: switching a new file to WAL tolerates no company.
            let writer = pool(url, 1).await?;
            let readers = pool(url, 6).await?;
            Ok(Self::new(readers, Some(writer)))
        } else {
            Ok(Self::new(pool(url, 20).await?, None))
        }
    }

    /// Brings the schema up to date. Several instances may start at once: on
    /// `PostgreSQL` one migrates while the others wait for its lock.
    pub async fn migrate(&self) -> Result<(), DbErr> {
        if self.is_sqlite() {
            Migrator::up(self.read(), None).await?;
            info!("database schema is up to date");
            return Ok(());
        }
        {
            // The lock lives as long as this transaction; the migrator works
            // on connections of its own.
            let lock = self.begin_write().await?;
            lock.execute_raw(Statement::from_sql_and_values(
                sea_orm::DbBackend::Postgres,
                "SELECT pg_advisory_xact_lock($1)",
                [MIGRATION_LOCK.into()],
            ))
            .await?;
            Migrator::up(self.read(), None).await?;
            lock.commit().await?;
            crate::orders::changes::heal_after_restore(self).await?;
        }
        info!("database schema is up to date");
        Ok(())
    }
}

async fn pool(url: &str, connections: u32) -> anyhow::Result<DatabaseConnection> {
    let mut options = ConnectOptions::new(url);
    options
        .connect_lazy(true)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_timeout(ACQUIRE_TIMEOUT)
        .max_connections(connections)
        .sqlx_logging_level(tracing::log::LevelFilter::Trace)
        .map_sqlx_postgres_opts(|postgres| {
            postgres.options([
                ("statement_timeout", STATEMENT_TIMEOUT),
                ("lock_timeout", LOCK_TIMEOUT),
                // A network that swallows packets is noticed, too.
                ("tcp_user_timeout", LOCK_TIMEOUT),
            ])
        })
        .map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(ACQUIRE_TIMEOUT)
        });
    Database::connect(options)
        .await
        .context("DATABASE_URL is not a usable sqlite: or postgres: address")
}

/// `SQLite` creates its file but not the folder around it.
fn create_sqlite_folder(url: &str) -> anyhow::Result<()> {
    let Some(path) = url.strip_prefix("sqlite:") else {
        return Ok(());
    };
    let path = path.trim_start_matches("//");
    let file = path.split('?').next().unwrap_or(path);
    match Path::new(file).parent() {
        Some(folder) if !folder.as_os_str().is_empty() && !file.starts_with(':') => {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("cannot create the folder {}", folder.display()))
        }
        _ => Ok(()),
    }
}
