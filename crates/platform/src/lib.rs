//! What every subject stands on. Nothing here knows what an order is, or any other
//! subject.
//!
//! - [`db`]: one database, two engines; pools, bulk statements, write batches
//! - [`http`]: connections, limits, problems, paging
//! - [`queue`]: jobs on Redis or in this process
//! - [`redis_handle`]: how to reach Redis
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
