//! A job queue: apalis on Redis, or on an in-memory `SQLite` without Redis. Each kind of
//! job has its own queue.
//!
//! A queue only wakes workers. The work itself, its attempts and its due time are in the
//! database, so a job that is lost, repeated or late costs only time, and the embedded
//! queue needs no file.
//!
//! - [`worker`]: runs jobs, several at a time
//! - `wake`: when a worker fetches jobs
//! - [`retry`]: when a failed attempt is repeated

pub mod retry;
mod wake;
pub mod worker;

use std::time::Duration;

use apalis::prelude::TaskSink;
use apalis_redis::RedisStorage;
use apalis_sqlite::SqliteStorage;
use redis::aio::ConnectionManager;
use sea_orm::sqlx::{self, SqlitePool, sqlite::SqlitePoolOptions};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::watch;

use crate::redis_handle::RedisHandle;

/// A kind of job. Its serialized form must never change, because a worker stops at a job
/// that it cannot read.
pub trait Job:
    Clone + std::fmt::Debug + Serialize + DeserializeOwned + Send + Sync + Unpin + 'static
{
    /// The name of the embedded queue. On Redis the name is given to [`JobQueue::redis`].
    const NAME: &'static str;

    /// How many jobs one process runs at the same time.
    const CONCURRENCY: usize;
}

/// A worker that missed this many heartbeats is considered dead, and other workers take
/// over its jobs.
const HEARTBEAT: Duration = Duration::from_secs(2);
const MISSED_HEARTBEATS: usize = 3;

/// How long Redis keeps the key that [`JobQueue::ping`] writes, in seconds.
const READY_SECONDS: u32 = 60;

/// An operation on the queue failed.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// Redis answered with an error, or not at all.
    #[error("redis: {0}")]
    Redis(#[from] redis::RedisError),
    /// The embedded queue failed.
    #[error("embedded queue: {0}")]
    Sqlite(#[from] sqlx::Error),
    /// apalis could not push jobs, or remove finished ones.
    #[error("push: {0}")]
    Push(String),
}

/// A handle on the queue; cheap to clone.
#[derive(Clone, Debug)]
pub struct JobQueue<J> {
    backend: Backend<J>,
    /// Notified of every push, so that workers need not wait for their next poll.
    pushed: watch::Sender<()>,
}

#[derive(Clone, Debug)]
enum Backend<J> {
    Redis {
        storage: RedisStorage<J>,
        connection: ConnectionManager,
    },
    Embedded {
        storage: SqliteStorage<J>,
        pool: SqlitePool,
    },
}

impl<J: Job> JobQueue<J> {
    /// The queue `name` on Redis.
    pub fn redis(redis: RedisHandle, name: &str) -> Self {
        let config = apalis_redis::Config::default()
            .queue(name)
            // apalis sends acknowledgements and heartbeats only after all fetched jobs
            // were started, so fetch no more than can run.
            .batch_size(J::CONCURRENCY)
            .heartbeat_interval(HEARTBEAT)
            .missed_heartbeats(MISSED_HEARTBEATS);
        let connection = redis.connection;
        Self::new(Backend::Redis {
            storage: RedisStorage::new(connection.clone()).with_config(config),
            connection,
        })
    }

    /// The in-process queue.
    pub async fn embedded() -> anyhow::Result<Self> {
        // One connection that never closes, because the database ends with it.
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .min_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect("sqlite::memory:")
            .await?;
        SqliteStorage::migrations().run(&pool).await?;
        let config = apalis_sqlite::Config::default()
            .queue(J::NAME)
            .batch_size(J::CONCURRENCY)
            .heartbeat_interval(HEARTBEAT)
            .missed_heartbeats(MISSED_HEARTBEATS);
        Ok(Self::new(Backend::Embedded {
            storage: SqliteStorage::new(&pool).with_config(config),
            pool,
        }))
    }

    fn new(backend: Backend<J>) -> Self {
        Self {
            backend,
            pushed: watch::Sender::new(()),
        }
    }

    /// The queue is in memory, and all jobs are lost when the process ends.
    pub const fn is_embedded(&self) -> bool {
        matches!(self.backend, Backend::Embedded { .. })
    }

    /// Adds jobs and wakes the workers.
    pub async fn push(&self, jobs: Vec<J>) -> Result<(), QueueError> {
        // Pushing needs `&mut`; a clone uses the same connection.
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

    /// The number of jobs that wait to be fetched.
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

    /// Removes finished jobs, which apalis would otherwise keep for ever.
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

    /// A round trip to Redis that writes a key, because a Redis that is full, or is a
    /// replica, would still answer a read. Always succeeds for the embedded queue.
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
