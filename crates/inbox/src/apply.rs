//! The interface through which the inbox applies deliveries. The inbox decides when a
//! delivery is due and how often it is tried; the implementation decides what it changes.

use async_trait::async_trait;
use uuid::Uuid;

use crate::parsed_cache::ParsedDelivery;

/// Applies deliveries.
///
/// An implementation loads deliveries with
/// [`crate::deliveries::store::lock_all_pending`] and records their results in the same
/// transaction as the changes, so that a job that arrives twice changes nothing.
#[async_trait]
pub trait Apply: Send + Sync + 'static {
    /// Applies the deliveries of a job, all in one transaction; those in `parsed` need
    /// not be loaded. Returns the deliveries that need a transaction of their own.
    async fn apply_together(
        &self,
        ids: &[Uuid],
        parsed: Vec<ParsedDelivery>,
    ) -> anyhow::Result<Vec<Uuid>>;

    /// Applies one delivery that needs a transaction of its own.
    async fn apply_alone(&self, id: Uuid) -> anyhow::Result<()>;
}
