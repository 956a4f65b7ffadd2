//! One webhook, before it is signed and sent.

use chrono::{DateTime, Utc};

/// One webhook, ready to be signed and sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The webhook topic, such as `orders/paid`.
    pub topic: &'static str,
    /// The shop's `myshopify.com` domain.
    pub shop: String,
    /// Identifies this delivery: duplicates and retries carry the same id (a UUID).
    pub webhook_id: String,
    /// When Shopify triggered the webhook; never before the order's `updated_at`.
    pub triggered_at: DateTime<Utc>,
    /// The order as JSON: the exact bytes to sign and send.
    pub body: Vec<u8>,
}
