//! A hostile afternoon: the real binary, attacked over its own port, while
//! Shopify's webhooks go on. Every attack has a bound on the memory it may take
//! and on what it may do to the webhooks' time to be acknowledged.
//!
//! `make security` runs these; `docs/SECURITY.md` says which limit each shows.
#![allow(missing_docs, reason = "tests are named as claims")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may fail loudly"
)]

mod balancer;
mod bodies;
mod connections;
mod handshakes;
mod names;
mod shops;
mod sockets;
mod target;
mod webhooks;
