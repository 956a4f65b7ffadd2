//! What has an address.

pub mod deliveries;
pub mod not_found;
pub mod orders;
pub mod unavailable;
