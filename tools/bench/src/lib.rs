//! Measures the server over its public interface, and compares it with ceilings:
//! with what the machine can do without it.
//!
//! - [`scenarios`]: the measurements, one file each; [`measures`] lists every
//!   figure and its target
//! - [`ceilings`] and the [`baseline`] servers: the limits of this machine
//! - [`context`]: a server with its own database ([`services`], [`server`],
//!   [`usage`]); [`outcome`]: the result of a scenario
//! - [`payload`], [`webhook`]: signed webhooks in large numbers
//! - [`http`], [`schedule`], [`load`]: sending them, closed or open loop
//! - [`socket`]: one Socket.IO client; [`clients`]: thousands of them ([`packet`]
//!   is their protocol); [`completion`]: waits until everything was applied and
//!   broadcast
//! - [`cli`], [`options`], [`run`]: the command; [`report`]: table, JSON, documentation, chart

pub mod baseline;
pub mod ceilings;
pub mod cli;
pub mod clients;
pub mod completion;
pub mod context;
pub mod http;
pub mod latency;
pub mod load;
pub mod measures;
pub mod options;
pub mod outcome;
pub mod packet;
pub mod payload;
pub mod report;
pub mod run;
pub mod scenarios;
pub mod schedule;
pub mod server;
pub mod services;
pub mod socket;
pub mod usage;
pub mod webhook;
