//! Tests of the real server over HTTP, with a new database for every test: once on
//! `SQLite` with the embedded queue, once on `PostgreSQL` and Redis.
//!
//! `make test` runs them and starts the services that they need.
#![allow(missing_docs, reason = "tests are named as claims")]
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
#![allow(
    clippy::needless_pass_by_value,
    reason = "literals read better by value"
)]

mod changes;
mod command;
mod concurrency;
mod deliveries;
mod erasure;
mod helpers;
mod jumps;
mod limits;
mod merge;
mod metrics;
mod order_keys;
mod orders;
mod outages;
mod pages;
mod processing;
mod readiness;
mod search;
mod slow_client;
mod stats;
mod times;
mod topics;
mod upgrade;
mod webhooks;
