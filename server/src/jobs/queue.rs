//! The job queue: apalis on Redis, or on an in-memory `SQLite` when there is
//! none.
//!
//! The embedded queue needs no file: everything it would remember is in the
//! inbox, which is dispatched afresh at start.

use std::time::Duration;

use anyhow::Context;
use apalis::prelude::TaskSink;
use apalis_redis::RedisStorage;
use apalis_sqlite::SqliteStorage;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use sea_orm::sqlx::{self, SqlitePool, sqlite::SqlitePoolOptions};
use tokio::sync::watch;

use super::{CONCURRENCY, DeliveryJob};

/// A worker that missed this long is dead, and its jobs are handed on.
const HEARTBEAT: Duration = Duration::from_secs(2);
const MISSED_HEARTBEATS: usize = 3;

/// How long Redis keeps what only shows that it keeps something.
const READY_SECONDS: u32 = 60;

/// An operation on the queue failed.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// Redis said no, or nothing.
    #[error("redis: {0}")]
    Redis(#[from] redis::RedisError),
    /// The embedded queue failed.
    #[error("embedded queue: {0}")]
    Sqlite(#[from] sqlx::Error),
    /// apalis could not push.
    #[error("push: {0}")]
    Push(String),
}

/// A handle on the queue; cheap to clone.
#[derive(Clone, Debug)]
pub struct JobQueue {
    pub(super) backend: Backend,
    /// Told of every push, so that workers need not wait for their next poll.
    pub(super) pushed: watch::Sender<()>,
}

#[derive(Clone, Debug)]
pub(super) enum Backend {
    Redis {
        storage: RedisStorage<DeliveryJob>,
        connection: ConnectionManager,
    },
    Embedded {
        storage: SqliteStorage<DeliveryJob>,
        pool: SqlitePool,
    },
}

impl JobQueue {
    /// The queue `name` on Redis. Connects lazily: the server starts, and
    /// keeps accepting webhooks, while Redis is away.
    pub fn redis(url: &str, name: &str) -> anyhow::Result<Self> {
        let client = redis::Client::open(url).context("REDIS_URL is not a Redis address")?;
        let settings = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(Duration::from_secs(2)))
            // The default, 500 ms, is too short for a busy two-core machine.
            .set_response_timeout(Some(Duration::from_secs(5)))
            .set_max_delay(Duration::from_secs(2));
        let connection = ConnectionManager::new_lazy_with_config(client, settings)?;
        let config = apalis_redis::Config::default()
            .queue(name)
            // Acknowledgements and heartbeats wait until fetched jobs are
            // handed out, so fetch no more than can run.
            .batch_size(CONCURRENCY)
            .heartbeat_interval(HEARTBEAT)
            .missed_heartbeats(MISSED_HEARTBEATS);
        Ok(Self::new(Backend::Redis {
            storage: RedisStorage::new(connection.clone()).with_config(config),
            connection,
        }))
    }

    /// The in-process queue.
    pub async fn embedded() -> anyhow::Result<Self> {
        // One connection that never closes: it is the database.
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .min_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect("sqlite::memory:")
            .await?;
        SqliteStorage::migrations().run(&pool).await?;
        let config = apalis_sqlite::Config::default()
            .queue("deliveries")
            .batch_size(CONCURRENCY)
            .heartbeat_interval(HEARTBEAT)
            .missed_heartbeats(MISSED_HEARTBEATS);
        Ok(Self::new(Backend::Embedded {
            storage: SqliteStorage::new(&pool).with_config(config),
            pool,
        }))
    }

    fn new(backend: Backend) -> Self {
        Self {
            backend,
            pushed: watch::Sender::new(()),
        }
    }

    /// The queue forgets everything when the process ends.
    pub const fn is_embedded(&self) -> bool {
        matches!(self.backend, Backend::Embedded { .. })
    }

    /// The connection to Redis, if that is what the queue is on.
    pub fn redis_connection(&self) -> Option<ConnectionManager> {
        match &self.backend {
            Backend::Redis { connection, .. } => Some(connection.clone()),
            Backend::Embedded { .. } => None,
        }
    }

    /// Adds jobs and wakes the workers.
    pub async fn push(&self, jobs: Vec<DeliveryJob>) -> Result<(), QueueError> {
        // Pushing needs `&mut`; a clone shares the connection.
        let pushed = match &self.backend {
            Backend::Redis { storage, .. } => {
                let result = storage.clone().push_bulk(jobs).await;
                result.map_err(|error| error.to_string())
            }
            Backend::Embedded { storage, .. } => {
                let result = storage.clone().push_bulk(jobs).await;
                result.map_err(|error| error.to_string())
            }
        };
        pushed.map_err(QueueError::Push)?;
        self.pushed.send_replace(());
        Ok(())
    }

    /// Jobs waiting to be fetched.
    pub async fn depth(&self) -> Result<usize, QueueError> {
        match &self.backend {
            Backend::Redis {
                storage,
                connection,
            } => {
                let config = storage.get_config();
                let (active, scheduled): (usize, usize) = redis::pipe()
                    .llen(config.active_jobs_list())
                    .zcard(config.scheduled_jobs_set())
                    .query_async(&mut connection.clone())
                    .await?;
                Ok(active + scheduled)
            }
            Backend::Embedded { pool, .. } => {
                let waiting: i64 =
                    sqlx::query_scalar("SELECT COUNT(*) FROM Jobs WHERE status = 'Pending'")
                        .fetch_one(pool)
                        .await?;
                Ok(usize::try_from(waiting).unwrap_or(0))
            }
        }
    }

    /// Drops finished jobs; apalis keeps them otherwise, for ever.
    pub async fn forget_finished(&self) -> Result<(), QueueError> {
        match &self.backend {
            Backend::Redis {
                storage,
                connection,
            } => {
                use apalis_core::backend::Vacuum;
                let done = storage.get_config().done_jobs_set();
                storage
                    .clone()
                    .vacuum()
                    .await
                    .map_err(|error| QueueError::Push(error.to_string()))?;
                redis::cmd("DEL")
                    .arg(done)
                    .query_async::<()>(&mut connection.clone())
                    .await?;
            }
            Backend::Embedded { pool, .. } => {
                sqlx::query("DELETE FROM Jobs WHERE status IN ('Done', 'Killed')")
                    .execute(pool)
                    .await?;
            }
        }
        Ok(())
    }

    /// A round trip to Redis, which has to take something: one that is full, or
    /// only copies another, answers all the same. Always fine for the embedded
    /// queue.
    pub async fn ping(&self) -> Result<(), QueueError> {
        match &self.backend {
            Backend::Redis {
                storage,
                connection,
            } => {
                let key = format!("{}:ready", storage.get_config().queue.as_ref());
                redis::cmd("SET")
                    .arg(key)
                    .arg(1)
                    .arg("EX")
                    .arg(READY_SECONDS)
                    .query_async::<()>(&mut connection.clone())
                    .await
                    .map_err(QueueError::from)
            }
            Backend::Embedded { .. } => Ok(()),
        }
    }
}
