//! The adapter of Shopify: verifies its webhooks and translates them into events.
//!
//! - [`signature`]: whether a webhook is from Shopify (the HMAC check)
//! - [`topic`]: which webhook topics are supported
//! - [`event`]: translates a webhook of any topic into an event
//! - `shape`: checks that a body has the fields of its topic
//! - [`payload`]: parses order payloads
//! - [`status`]: maps Shopify's statuses onto the status of an order

pub mod event;
pub mod payload;
mod shape;
pub mod signature;
pub mod status;
pub mod topic;

use domain::channels::event::ChannelEvent;

use payload::PayloadError;
use topic::Topic;

/// Parses a webhook body; `None` if its topic is not supported.
pub fn parse(topic: &str, shop: &str, body: &[u8]) -> Option<Result<ChannelEvent, PayloadError>> {
    Topic::parse(topic).map(|topic| event::parse(topic, shop, body))
}
