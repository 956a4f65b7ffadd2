//! What surrounds every request: connections, limits, headers, counting.
//!
//! - [`serve`]: accepts connections
//! - [`connection`]: one of them
//! - [`client_address`]: who it is from, behind proxies
//! - [`rate_limit`]: how much they may ask
//! - [`headers`]: what browsers may not do
//! - [`observe`]: counted, and named in logs

pub mod client_address;
pub mod connection;
pub mod headers;
pub mod observe;
pub mod rate_limit;
pub mod serve;
