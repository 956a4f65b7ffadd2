//! HTTP that does not depend on the handler: connections, limits, headers and errors.
//!
//! Connections:
//! - [`serve`]: accepts connections
//! - [`connection`]: one TCP connection
//! - [`unused_connections`]: connections over which no request came yet
//! - [`message_rate`]: limits the messages of a WebSocket
//!
//! Access and limits:
//! - [`client_address`]: the address of a client, also behind proxies
//! - [`hosts`]: the host names that the server answers to
//! - [`origin`]: the site whose page sent a request
//! - [`rate_limit`]: requests per second
//! - [`body_budget`]: bytes of bodies in memory
//! - [`refusal`]: reasons to refuse a request before a handler reads it
//!
//! Requests and responses:
//! - [`json`] and [`query`]: extractors for bodies and query strings
//! - [`paging`]: page sizes of lists
//! - [`error`] and [`problem`]: errors, and how they are answered
//! - [`headers`]: security headers
//! - [`observe`]: counts requests, and gives them ids for logs

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
pub mod unused_connections;
