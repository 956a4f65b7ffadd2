//! Failure drills: failures caused in the real system under load, and the verification
//! that nothing was lost or doubled. `docs/RELIABILITY.md` lists what is promised.
//!
//! [`drills`] define which failures are caused and when, in an [`environment`] of
//! [`services`], [`server`] instances, a [`load`] of webhooks and connected [`clients`];
//! [`verify`] compares what the sender knows with the database ([`db`]), and [`report`]
//! writes a table of the results.

pub mod clients;
pub mod command;
pub mod db;
pub mod drills;
pub mod environment;
pub mod load;
pub mod report;
pub mod server;
pub mod services;
pub mod verify;
pub mod wait;
