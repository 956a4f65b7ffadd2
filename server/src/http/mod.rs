//! What surrounds every request: connections, limits, headers, counting.
//!
//! - [`serve`]: accepts connections
//! - [`connection`]: one of them
//! - [`messages`]: how many come over a WebSocket
//! - [`newcomers`]: those that have sent nothing yet
//! - [`client_address`]: who it is from, behind proxies
//! - [`hosts`]: which names are ours
//! - [`origin`]: which page it comes from
//! - [`rate_limit`]: how much they may ask
//! - [`bodies`]: how much they may send at a time
//! - [`json`]: bodies of requests
//! - [`refusal`]: why they are turned away
//! - [`headers`]: what browsers may not do
//! - [`observe`]: counted, and named in logs

pub mod bodies;
pub mod client_address;
pub mod connection;
pub mod headers;
pub mod hosts;
pub mod json;
pub mod messages;
pub mod newcomers;
pub mod observe;
pub mod origin;
pub mod rate_limit;
pub mod refusal;
pub mod serve;
