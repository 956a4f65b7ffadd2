//! A make-believe Shopify shop: orders with whole lives, told as signed webhooks.
//!
//! The crate reads from the inside out:
//!
//! - [`Currency`] (`money`) and the shop's `catalogue` are the raw material.
//! - An `order` is placed, paid, shipped, delivered, now and then cancelled or refunded;
//!   `draft` draws a new one by lot, and `ids` numbers it.
//! - `payload` writes an order as Shopify would, at full size (10 to 20 kB).
//! - [`Scenario`] keeps many orders in flight and tells their next event as a [`Delivery`].
//! - `traffic` makes the wire imperfect: copies and deliveries out of order.
//! - [`sign`] and [`Sender`] put a delivery on the wire; [`run`] does so at a steady pace
//!   and returns a [`Report`].
//!
//! [`SampleOrder`] is the short way to one full-size payload in another crate's tests.
//!
//! Everything but the network is deterministic: the same seed, shop and clock readings give
//! the same bytes. All names, products and addresses are invented; e-mail addresses lie in
//! domains reserved for examples.

// A test that fails may say so with a panic.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod catalogue;
mod delivery;
mod draft;
mod ids;
mod money;
mod order;
mod payload;
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
pub use sender::{API_VERSION, Outcome, SendError, Sender, WEBHOOK_PATH};
pub use signature::sign;
