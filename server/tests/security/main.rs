//! Attacks on the real binary over its port, while webhooks are being sent. Every attack
//! has a limit for the memory that it may take, and during every attack webhooks must be
//! acknowledged in time.
//!
//! `make security` runs these tests; `docs/SECURITY.md` lists the limit that each of them
//! checks.
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
