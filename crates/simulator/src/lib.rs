//! A simulated Shopify shop: orders with complete lifecycles, sent as signed webhooks.
//!
//! The modules, from the innermost outwards:
//!
//! - [`Currency`] (`money`) and the shop's `catalogue` are the basic data.
//! - An `order` is placed, paid, shipped, delivered, sometimes cancelled or refunded;
//!   `random_order` generates a new one, and `ids` assigns its ids.
//! - `payload` writes an order as Shopify would, at full size (10 to 20 kB).
//! - [`Scenario`] keeps many orders open and returns their next event as a [`Delivery`].
//! - [`Traffic`] adds duplicates and deliveries out of order.
//! - [`sign`] and [`Sender`] send a delivery; [`run`] sends them at a steady rate and
//!   returns a [`Report`].
//!
//! [`SampleOrder`] builds a single full-size payload for the tests of other crates.
//!
//! Everything but the network is deterministic: the same seed, shop and clock readings give
//! the same bytes. All names, products and addresses are invented; e-mail addresses use
//! domains reserved for examples.

// A test may fail with a panic.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod catalogue;
mod delivery;
mod ids;
mod money;
mod order;
mod payload;
mod random_order;
mod report;
mod run;
mod sample;
mod scenario;
mod sender;
mod signature;
mod traffic;

pub use catalogue::DEFAULT_SHOP;
pub use delivery::Delivery;
pub use money::Currency;
pub use report::{Options, Report};
pub use run::run;
pub use sample::SampleOrder;
pub use scenario::Scenario;
pub use sender::{Outcome, SendError, Sender, WEBHOOK_PATH};
pub use signature::sign;
pub use traffic::Traffic;
