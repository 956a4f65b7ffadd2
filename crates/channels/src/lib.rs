//! Adapters of sales channels: each verifies and reads its channel's own messages.
//! Nothing here knows a database.
//!
//! - [`adapter`]: what every channel brings, and the one that a delivery's source names
//! - [`shopify`] is the first of them

pub mod adapter;
pub mod shopify;
