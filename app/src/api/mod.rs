//! The REST API, as pages use it.
//!
//! - `operations`: one function an operation
//! - [`request`]: one request, whichever way it is sent
//! - `browser`, [`in_process`](self): the two ways: over HTTP, and on the server to the same
//!   router in process; `nowhere` where there is neither
//! - `first`: what a page needs to show itself for the first time
//! - `environment`: the time, and new keys

#[cfg(all(feature = "hydrate", not(feature = "ssr")))]
mod browser;
mod environment;
mod first;
#[cfg(feature = "ssr")]
pub mod in_process;
#[cfg(not(any(feature = "hydrate", feature = "ssr")))]
mod nowhere;
mod operations;
pub mod request;

pub use environment::{new_key, now};
pub use first::{FirstDeliveries, FirstOrders, first_deliveries, first_orders};
pub use operations::{
    changes, cursor, deliveries, delivery, delivery_stats, history, orders, remove_shop,
    retry_deliveries, retry_delivery, shops, stats, update_order,
};
pub use request::unreachable_problem;
