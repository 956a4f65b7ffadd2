//! Shopify.
//!
//! - [`signature`]: whether a webhook is from Shopify (the HMAC check)
//! - [`topic`]: which webhook topics are acted on
//! - [`event`]: what a webhook says, by topic
//! - `shape`: whether a body is one of its topic
//! - [`payload`]: what an order payload means
//! - [`status`]: how Shopify's statuses map onto an order's

pub mod event;
pub mod payload;
mod shape;
pub mod signature;
pub mod status;
pub mod topic;

use crate::adapter::{Adapter, Parsed};
use topic::Topic;

/// Shopify's adapter.
pub const ADAPTER: Adapter = Adapter {
    parse,
    status_map: status::map,
};

fn parse(topic: &str, shop: &str, body: &[u8]) -> Parsed {
    Topic::parse(topic).map(|topic| event::parse(topic, shop, body))
}
