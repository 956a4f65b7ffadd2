//! What the inbox hands deliveries to. The inbox knows when a delivery is due and how
//! often it failed; the subjects know what it changes.

use async_trait::async_trait;
use uuid::Uuid;

use crate::parsed_cache::ParsedDelivery;

/// Applies deliveries.
///
/// An implementation loads them with [`crate::deliveries::store::lock_all_pending`] and
/// records what became of them in the transaction that makes it true, so that a job
/// that arrives twice changes nothing.
#[async_trait]
pub trait Apply: Send + Sync + 'static {
    /// Applies the deliveries of a job, all in one transaction; `parsed` are those
    /// that need not be loaded. Returns those that need a transaction of their own.
    async fn apply_together(
        &self,
        ids: &[Uuid],
        parsed: Vec<ParsedDelivery>,
    ) -> anyhow::Result<Vec<Uuid>>;

    /// Applies one delivery that needs a transaction of its own.
    async fn apply_alone(&self, id: Uuid) -> anyhow::Result<()>;
}
