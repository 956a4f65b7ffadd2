//! The rows of the tables. The crate `migrations` explains each column.
#![allow(
    missing_docs,
    reason = "the macro's generated items and columns named as in the schema"
)]

pub mod idempotency_key;
pub mod order;
pub mod order_event;
pub mod order_hour;
pub mod order_stat;
