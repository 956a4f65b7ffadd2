//! The job that applies deliveries.

use chrono::TimeDelta;
use platform::queue::Job;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The time after which a dispatched delivery that is still pending counts as lost and is
/// dispatched again.
pub const LEASE: TimeDelta = TimeDelta::seconds(30);

/// A job: deliveries to apply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryJob {
    /// Rows of `deliveries`.
    pub delivery_ids: Vec<Uuid>,
}

impl Job for DeliveryJob {
    const NAME: &'static str = "deliveries";
    const CONCURRENCY: usize = 5;
}
