//! Orders: one versioned row each, changed by channels and people. Every change is
//! recorded in the order's history and broadcast to dashboards.
//!
//! - [`store`]: the SQL that reads orders, and the one place that writes them
//! - [`apply`]: applies the deliveries of the inbox to orders
//! - [`edit`]: `PUT /orders/{id}`, edits by people
//! - [`list`]: `GET /orders`
//! - [`events`]: `GET /orders/{id}/events`, an order's history
//! - [`changes`]: `GET /orders/changes`, with which clients catch up after a gap
//! - [`feed`]: how changes are broadcast
//! - [`stats`]: `GET /orders/stats`
//! - [`presence`]: which people have which order open
//! - [`entities`]: the rows of the tables

pub mod apply;
pub mod changes;
pub mod edit;
pub mod entities;
pub mod error;
pub mod events;
pub mod feed;
mod handle;
pub mod list;
pub mod presence;
mod response;
mod show;
pub mod stats;
pub mod store;

use axum::extract::DefaultBodyLimit;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use handle::Orders;

/// The largest body of `PUT /orders/{id}`, in bytes: more than the longest notes take in
/// characters of four bytes.
pub const MAX_BODY: usize = 64 * 1024;

/// `/orders …`
pub fn routes() -> OpenApiRouter<Orders> {
    OpenApiRouter::new()
        .routes(routes!(list::handler))
        .routes(routes!(changes::handler))
        .routes(routes!(stats::handler))
        .routes(routes!(events::handler))
        .routes(routes!(show::handler, edit::handler::handler))
        .layer(DefaultBodyLimit::max(MAX_BODY))
}
