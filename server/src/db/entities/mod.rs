//! Rows as stored; what each column means is said in `migrations`.
#![allow(
    missing_docs,
    reason = "the macro's generated items and columns named as in the schema"
)]

pub mod delivery;
pub mod order;
pub mod order_event;
