//! The handle on the inbox that handlers get.

use std::sync::Arc;
use std::time::Duration;

use channels::shopify::signature::WebhookSecrets;
use platform::db::Db;
use tokio::time::Instant;

use crate::deliveries::{NewDelivery, Stored};
use crate::error::NotStored;
use crate::group_commit::GroupCommit;
use crate::shops::admission::ShopAdmission;

/// Within this time of its arrival a webhook is stored, or refused so that it is sent
/// again. Shopify waits five seconds in all, from its first byte to the last byte of the
/// answer. The time includes a wait for the commit before the webhook's own.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(4);

/// A handle on the inbox; cheap to clone.
#[derive(Clone, Debug)]
pub struct Inbox(pub(crate) Arc<Shared>);

/// What the handlers work with.
#[derive(Debug)]
pub struct Shared {
    pub(crate) db: Db,
    pub(crate) commits: GroupCommit,
    pub(crate) shops: ShopAdmission,
    pub(crate) secrets: WebhookSecrets,
}

impl Inbox {
    /// Stores a delivery; returns when it is durable, or at the deadline.
    pub async fn store(
        &self,
        delivery: NewDelivery,
        deadline: Instant,
    ) -> Result<Stored, NotStored> {
        self.0.commits.store(delivery, deadline).await
    }
}
