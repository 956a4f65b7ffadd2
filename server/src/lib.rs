//! Atomic Order Orchestrator: signed webhooks in, versioned orders out, live.
//!
//! This crate connects the subjects and serves them: [`composition`] starts everything, and
//! [`router`] lists all paths. The subjects are in the crates `orders` and `inbox`, their
//! technical foundation in `platform`, and the rules in `domain`.

// The types of rendered pages are deeply nested.
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
