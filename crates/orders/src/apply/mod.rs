//! What deliveries change: the orders' side of the inbox.
//!
//! - `batch`: applies messages about orders, in one transaction
//! - `privacy`: what privacy requests ask for; `erasure` carries it out, and
//!   `mentions` finds what names a person elsewhere

mod batch;
mod erasure;
mod mentions;
mod privacy;

use async_trait::async_trait;
use domain::orders::fees::ShippingTiers;
use inbox::apply::Apply;
use inbox::parsed_cache::ParsedDelivery;
use platform::db::Db;
use platform::live::feed::broadcaster::Publisher;
use uuid::Uuid;

use crate::feed::OrderFeed;

/// Applies deliveries to orders.
#[derive(Debug)]
pub struct ApplyToOrders {
    /// Where orders are.
    pub db: Db,
    /// Broadcasts every committed change.
    pub publisher: Publisher<OrderFeed>,
    /// Fee tiers in force.
    pub tiers: ShippingTiers,
}

#[async_trait]
impl Apply for ApplyToOrders {
    async fn apply_together(
        &self,
        ids: &[Uuid],
        parsed: Vec<ParsedDelivery>,
    ) -> anyhow::Result<Vec<Uuid>> {
        batch::apply(self, ids, parsed).await
    }

    async fn apply_alone(&self, id: Uuid) -> anyhow::Result<()> {
        privacy::apply(self, id).await
    }
}
