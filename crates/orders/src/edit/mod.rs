//! Edits by people. An edit is made on a version of the order that the person saw; it is
//! merged with later changes and saved, several edits at a time.
//!
//! - [`handler`]: `PUT /orders/{id}`
//! - [`queue`]: saves edits that arrive together in one transaction
//! - [`evaluate`]: decides what an edit changes, by the rules in `domain::orders::edit`
//! - [`idempotency`]: answers a repeated request like the first one
//! - [`editor`]: reads the name of the person who edits

pub mod editor;
pub mod evaluate;
pub mod handler;
pub mod idempotency;
pub mod queue;
