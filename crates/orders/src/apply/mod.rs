//! Applies the deliveries of the inbox to orders.
//!
//! - `batch`: applies messages about orders, in one transaction
//! - `privacy`: carries out privacy requests
//! - `erasure`: erases personal data from orders and their history
//! - `mentions`: finds and erases a person's data in other deliveries and orders

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
    /// The database with the orders.
    pub db: Db,
    /// Broadcasts every committed change.
    pub publisher: Publisher<OrderFeed>,
    /// The fee tiers for shipping.
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
