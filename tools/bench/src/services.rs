//! `PostgreSQL` and Redis, as `scripts/with-services.sh` starts them.

use anyhow::{Context as _, bail};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection, PgConnection, PgPool};

use crate::usage::{Processes, parent};

/// The variable with the URL of a `PostgreSQL` database that may be used.
pub const POSTGRES: &str = "TEST_DATABASE_URL";

/// The variable with the URL of Redis.
pub const REDIS: &str = "TEST_REDIS_URL";

/// Redis has 16 databases by default; the first is not used.
const REDIS_DATABASES: usize = 15;

/// Both services.
#[derive(Debug, Clone)]
pub struct Services {
    postgres: String,
    redis: String,
    /// Their processes.
    pub processes: Processes,
}

/// A database for one scenario.
#[derive(Debug)]
pub struct Database {
    /// Its URL.
    pub url: String,
    /// Connections to it.
    pub pool: PgPool,
    name: String,
}

impl Services {
    /// Finds the services that the environment names.
    pub async fn find() -> anyhow::Result<Self> {
        let setting = |name| std::env::var(name).with_context(|| format!("{name} is not set"));
        let (postgres, redis) = (setting(POSTGRES)?, setting(REDIS)?);
        let mut admin = PgConnection::connect(&postgres).await?;
        let backend: i32 = sqlx::query_scalar("SELECT pg_backend_pid()")
            .fetch_one(&mut admin)
            .await?;
        let mut connection = redis_connection(&redis).await?;
        let info: String = redis::cmd("INFO").query_async(&mut connection).await?;
        let redis_pid = info
            .lines()
            .find_map(|line| line.strip_prefix("process_id:")?.trim().parse().ok());
        Ok(Self {
            processes: Processes {
                server: None,
                postgres: u32::try_from(backend).ok().and_then(parent),
                redis: redis_pid,
            },
            postgres,
            redis,
        })
    }

    /// Returns a setting of `PostgreSQL`, such as `fsync`.
    pub async fn setting(&self, name: &str) -> anyhow::Result<String> {
        let mut admin = PgConnection::connect(&self.postgres).await?;
        Ok(sqlx::query_scalar("SELECT current_setting($1)")
            .bind(name)
            .fetch_one(&mut admin)
            .await?)
    }

    /// Creates an empty database. A checkpoint writes the data of earlier ones
    /// first, so that it does not slow this scenario down.
    pub async fn database(&self, name: &str) -> anyhow::Result<Database> {
        let name = format!("bench_{name}");
        let mut admin = PgConnection::connect(&self.postgres).await?;
        let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        for statement in [drop, format!("CREATE DATABASE {name}"), "CHECKPOINT".into()] {
            sqlx::raw_sql(sqlx::AssertSqlSafe(statement))
                .execute(&mut admin)
                .await?;
        }
        let Some((base, _)) = self.postgres.rsplit_once('/') else {
            bail!("{POSTGRES} names no database");
        };
        let url = format!("{base}/{name}");
        let options: PgConnectOptions = url.parse()?;
        let pool = PgPoolOptions::new()
            .max_connections(5)
            .connect_lazy_with(options);
        Ok(Database { url, pool, name })
    }

    /// Drops a database.
    pub async fn discard(&self, database: Database) -> anyhow::Result<()> {
        database.pool.close().await;
        let mut admin = PgConnection::connect(&self.postgres).await?;
        let drop = format!("DROP DATABASE {} WITH (FORCE)", database.name);
        sqlx::raw_sql(sqlx::AssertSqlSafe(drop))
            .execute(&mut admin)
            .await?;
        Ok(())
    }

    /// Empties a Redis database, and returns its URL.
    pub async fn redis(&self, number: usize) -> anyhow::Result<String> {
        let base = self.redis.trim_end_matches('/');
        let url = format!("{base}/{}", 1 + number % REDIS_DATABASES);
        let mut connection = redis_connection(&url).await?;
        let _: () = redis::cmd("FLUSHDB").query_async(&mut connection).await?;
        Ok(url)
    }
}

/// Connects to Redis.
pub async fn redis_connection(url: &str) -> anyhow::Result<redis::aio::MultiplexedConnection> {
    let client = redis::Client::open(url)?;
    Ok(client.get_multiplexed_async_connection().await?)
}
