//! One webhook, before it is signed and sent.

use chrono::{DateTime, Utc};

/// One webhook, ready to be signed and sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// What happened, such as `orders/paid`.
    pub topic: &'static str,
    /// The shop's `myshopify.com` domain.
    pub shop: String,
    /// Names this delivery: copies and retries carry the same id (a UUID).
    pub webhook_id: String,
    /// When Shopify noticed; never before the order's `updated_at`.
    pub triggered_at: DateTime<Utc>,
    /// The order as JSON: exactly the bytes to sign and send.
    pub body: Vec<u8>,
}
