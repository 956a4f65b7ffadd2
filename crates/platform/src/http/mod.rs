//! What surrounds every request: connections, limits, headers, errors.
//!
//! Connections:
//! - [`serve`]: accepts connections
//! - [`connection`]: one TCP connection
//! - [`silent_connections`]: those that have sent no request yet
//! - [`message_rate`]: how many messages come over a WebSocket
//!
//! Who may ask, and how much:
//! - [`client_address`]: who a request is from, behind proxies
//! - [`hosts`]: which host names are ours
//! - [`origin`]: which page a request comes from
//! - [`rate_limit`]: requests a second
//! - [`body_budget`]: bytes of bodies in memory
//! - [`refusal`]: why a request is refused before a handler reads it
//!
//! Requests and answers:
//! - [`json`] and [`query`]: what a request says
//! - [`paging`]: what every list does the same way
//! - [`error`] and [`problem`]: what went wrong
//! - [`headers`]: what browsers may not do
//! - [`observe`]: counts requests, and names them in logs

pub mod body_budget;
pub mod client_address;
pub mod connection;
pub mod error;
pub mod headers;
pub mod hosts;
pub mod json;
pub mod message_rate;
pub mod observe;
pub mod origin;
pub mod paging;
pub mod problem;
pub mod query;
pub mod rate_limit;
pub mod refusal;
pub mod serve;
pub mod silent_connections;
