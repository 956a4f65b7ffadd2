//! What has an address.

pub mod dashboard;
pub mod deliveries;
pub mod not_found;
pub mod unavailable;
