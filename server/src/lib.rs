//! Atomic Order Orchestrator: signed webhooks in, versioned orders out, live.
//!
//! This crate puts the subjects together and serves them: [`composition`] starts
//! everything, [`router`] is the table of contents. What the subjects do is in the
//! crates `orders` and `inbox`, what they stand on in `platform`, the rules in `domain`.

// Pages are nested types, rendered here.
#![recursion_limit = "256"]

pub mod cli;
pub mod composition;
pub mod config;
pub mod health;
pub mod maintenance;
pub mod metrics;
pub mod openapi;
pub mod router;
pub mod ssr;
pub mod sync;
