//! Adapters of sales channels: each verifies its channel's messages and translates them
//! into the channel-independent events of `domain`. Nothing here depends on a database,
//! so the translation can be tested by itself.
//!
//! - [`adapter`]: what every channel has to provide, and the lookup of a channel's adapter
//! - [`shopify`]: the adapter of Shopify, so far the only one

pub mod adapter;
pub mod shopify;
