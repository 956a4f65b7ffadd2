//! People's edits: made on a version they saw, merged with what changed since, and
//! saved, several at a time.
//!
//! - [`handler`]: `PUT /orders/{id}`
//! - [`queue`]: saves edits that come in together in one transaction
//! - [`evaluate`]: what an edit comes to; the rules are in `domain::orders::edit`
//! - [`idempotency`]: repeats get the answer of the first
//! - [`editor`]: who edits

pub mod editor;
pub mod evaluate;
pub mod handler;
pub mod idempotency;
pub mod queue;
