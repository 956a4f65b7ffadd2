//! What has an address.

pub mod dashboard;
pub mod not_found;
