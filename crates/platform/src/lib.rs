//! The technical foundation of the server. It does not depend on orders or on any other
//! subject, so that the subjects do not depend on each other through it.
//!
//! - [`db`]: `PostgreSQL` or `SQLite`: pools, bulk statements, write batches
//! - [`http`]: connections, limits, problems, paging
//! - [`queue`]: jobs on Redis or in this process
//! - [`redis_handle`]: connections to Redis
//! - [`live`]: clients on the live socket, and feeds of changes
//! - [`batcher`]: group commit
//! - [`telemetry`]: logs, metrics, traces

pub mod batcher;
pub mod db;
pub mod http;
pub mod live;
mod metric_names;
pub mod queue;
pub mod redis_handle;
pub mod telemetry;
