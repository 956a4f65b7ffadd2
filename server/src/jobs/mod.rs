//! From inbox to order.
//!
//! - [`dispatcher`]: hands deliveries to the queue, never too many at once
//! - [`queue`]: apalis on Redis, or in memory when there is none
//! - [`worker`]: runs jobs, five at a time; [`busy`]: how many;
//!   `wake`: when they look for more
//! - [`process`]: runs a job, and records what failed
//! - `batch`: applies deliveries, in one transaction
//! - `privacy`: what privacy requests ask for; `erasure` carries it out, and
//!   `mentions` finds what names a person elsewhere
//! - [`retry`]: what a failure leads to
//!
//! The inbox is the truth and the queue is the wake-up: attempts, next-attempt
//! time and dead state live in `deliveries`. A job that is lost, repeated or
//! late costs nothing but time.

mod batch;
pub mod busy;
pub mod dispatcher;
mod erasure;
mod mentions;
mod privacy;
pub mod process;
pub mod queue;
pub mod retry;
mod wake;
pub mod worker;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Jobs one process works on at the same time.
pub const CONCURRENCY: usize = 5;

/// How long a dispatched delivery is left alone before it counts as lost and
/// is dispatched again.
pub const LEASE: TimeDelta = TimeDelta::seconds(30);

/// A job: deliveries to process. Its shape never changes, because a worker
/// that cannot read one job cannot read the next either.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryJob {
    /// Rows of `deliveries`.
    pub delivery_ids: Vec<Uuid>,
}
