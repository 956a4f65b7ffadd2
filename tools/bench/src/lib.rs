//! Measures a server over its public contract, beside the machine's own
//! ceilings: how fast it is, and how fast it could be at all.
//!
//! - [`scenarios`]: what is measured, one file each; [`measures`] names every
//!   figure and its target
//! - [`ceilings`] and the [`bare`] servers: what the machine can do without us
//! - [`context`]: a server on a database of its own ([`services`], [`server`],
//!   [`usage`]); [`record`]: what was found
//! - [`payload`], [`webhook`]: signed webhooks in quantity
//! - [`http`], [`schedule`], [`load`]: sending them, closed or open loop
//! - [`socket`]: a Socket.IO client, for one connection; [`swarm`]: thousands of
//!   them ([`packet`] is their grammar); [`witness`]: one that waits until it has
//!   seen everything
//! - [`cli`], [`run`]: the command; [`report`]: table, JSON, documentation, chart

pub mod bare;
pub mod ceilings;
pub mod cli;
pub mod context;
pub mod http;
pub mod latency;
pub mod load;
pub mod measures;
pub mod packet;
pub mod payload;
pub mod record;
pub mod report;
pub mod run;
pub mod scenarios;
pub mod schedule;
pub mod server;
pub mod services;
pub mod socket;
pub mod swarm;
pub mod usage;
pub mod webhook;
pub mod witness;
