//! Failure drills: damage done to the real server under load, and proof that
//! nothing was lost and nothing doubled. `docs/RELIABILITY.md` says what for.
//!
//! Follow a drill through the modules: [`drills`] says what is broken and when,
//! on a [`stage`] of [`services`], [`server`] instances, a [`load`] of webhooks
//! and [`clients`] that watch; [`verify`] compares what the sender knows with
//! what is in the [`db`], and [`report`] puts it into a table.

pub mod clients;
pub mod command;
pub mod db;
pub mod drills;
pub mod load;
pub mod report;
pub mod server;
pub mod services;
pub mod stage;
pub mod until;
pub mod verify;
