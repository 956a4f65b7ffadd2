//! The database: `PostgreSQL`, or `SQLite` for a single instance. Hides the differences
//! between the two engines, and keeps slow reads from delaying webhooks.
//!
//! - [`Db`]: the handle; `connect` opens its pools
//! - [`WriteTx`]: a write transaction
//! - [`bulk`], [`write_batch`]: many rows, and many statements, in one round trip
//! - [`clock`]: the database's clock
//! - `failure`, `write_health`, `file`: what can be wrong with a database

pub mod bulk;
pub mod clock;
mod connect;
mod failure;
mod file;
mod handle;
pub mod write_batch;
mod write_health;
mod write_tx;

pub use clock::{new_id, now};
pub use failure::{is_conflict, is_unavailable};
pub use handle::{Db, PoolUsage};
pub use write_tx::WriteTx;
