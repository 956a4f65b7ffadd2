//! Direct access to the server's database, without the server and the proxies.

use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgRow};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions, SqliteRow};
use sqlx::{FromRow, PgPool, SqlitePool};
use uuid::Uuid;

use crate::clients::view::Versions;

/// How long connecting may take; callers retry when the database is down.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The server's database.
#[derive(Debug, Clone)]
pub enum Database {
    /// `PostgreSQL`
    Postgres(PgPool),
    /// `SQLite`
    Sqlite(SqlitePool),
}

impl Database {
    /// The database at `url`; connects with the first query.
    pub fn postgres(url: &str) -> anyhow::Result<Self> {
        let pool = PgPoolOptions::new()
            .max_connections(8)
            .acquire_timeout(TIMEOUT);
        // The name lets a drill that terminates connections exclude these.
        let options = url.parse::<PgConnectOptions>()?.application_name("drills");
        Ok(Self::Postgres(pool.connect_lazy_with(options)))
    }

    /// The database in `file`, read-only; connects with the first query.
    pub fn sqlite(file: &Path) -> Self {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .read_only(true)
            .busy_timeout(TIMEOUT);
        let pool = SqlitePoolOptions::new()
            .max_connections(2)
            .acquire_timeout(TIMEOUT);
        Self::Sqlite(pool.connect_lazy_with(options))
    }

    /// The pool, for drills that need `PostgreSQL`.
    pub fn as_postgres(&self) -> anyhow::Result<&PgPool> {
        match self {
            Self::Postgres(pool) => Ok(pool),
            Self::Sqlite(_) => anyhow::bail!("this drill needs PostgreSQL"),
        }
    }

    /// Returns all rows of a query.
    pub async fn rows<T>(&self, sql: &'static str) -> anyhow::Result<Vec<T>>
    where
        T: for<'r> FromRow<'r, PgRow> + for<'r> FromRow<'r, SqliteRow> + Send + Unpin,
    {
        Ok(match self {
            Self::Postgres(pool) => sqlx::query_as(sql).fetch_all(pool).await?,
            Self::Sqlite(pool) => sqlx::query_as(sql).fetch_all(pool).await?,
        })
    }

    /// Runs a query that counts rows older than `before`.
    async fn count(&self, sql: &'static str, before: DateTime<Utc>) -> anyhow::Result<i64> {
        Ok(match self {
            Self::Postgres(pool) => sqlx::query_scalar(sql).bind(before).fetch_one(pool).await?,
            Self::Sqlite(pool) => sqlx::query_scalar(sql).bind(before).fetch_one(pool).await?,
        })
    }

    /// The number of deliveries received before a time and still pending.
    pub async fn pending(&self, before: DateTime<Utc>) -> anyhow::Result<i64> {
        let sql = "SELECT COUNT(*) FROM deliveries WHERE state = 'pending' AND received_at < $1";
        self.count(sql, before).await
    }

    /// The number of changes committed before a time and not marked as broadcast yet.
    pub async fn unsent(&self, before: DateTime<Utc>) -> anyhow::Result<i64> {
        let sql = "SELECT COUNT(*) FROM order_events WHERE broadcast_at IS NULL AND at < $1";
        self.count(sql, before).await
    }

    /// The current version of every order.
    pub async fn versions(&self) -> anyhow::Result<Versions> {
        let rows: Vec<(Uuid, i64)> = self.rows("SELECT id, version FROM orders").await?;
        Ok(rows.into_iter().collect())
    }
}
