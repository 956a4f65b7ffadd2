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
pub mod list;
pub mod presence;
pub mod stats;
pub mod store;

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::HeaderValue;
use axum::http::header::ETAG;
use axum::response::{IntoResponse, Response};
use domain::wire::Order;
use platform::db::Db;
use platform::http::error::Result;
use platform::http::problem::ProblemResponse;
use platform::live::feed::broadcaster::Publisher;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use edit::queue::EditQueue;
use error::OrderError;
use feed::OrderFeed;
use list::offset_index::OffsetIndexes;
use stats::StatsCache;

/// The largest body of `PUT /orders/{id}`, in bytes: more than the longest notes take in
/// characters of four bytes.
pub const MAX_BODY: usize = 64 * 1024;

/// A handle on orders; cheap to clone.
#[derive(Clone, Debug)]
pub struct Orders(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    db: Db,
    edits: EditQueue,
    stats: StatsCache,
    offset_indexes: OffsetIndexes,
}

impl Orders {
    /// Starts the task that saves edits.
    pub fn start(db: &Db, publisher: Publisher<OrderFeed>) -> Self {
        Self(Arc::new(Shared {
            db: db.clone(),
            edits: EditQueue::start(db.clone(), publisher),
            stats: StatsCache::default(),
            offset_indexes: OffsetIndexes::default(),
        }))
    }
}

/// `/orders …`
pub fn routes() -> OpenApiRouter<Orders> {
    OpenApiRouter::new()
        .routes(routes!(list::handler))
        .routes(routes!(changes::handler))
        .routes(routes!(stats::handler))
        .routes(routes!(events::handler))
        .routes(routes!(show, edit::handler::handler))
        .layer(DefaultBodyLimit::max(MAX_BODY))
}

/// One order.
#[utoipa::path(get, path = "/orders/{id}", tag = "orders", operation_id = "show_order", params(("id" = Uuid, Path, description = "The order")), responses(
    (status = 200, body = Order, description = "The order", headers(("ETag" = String, description = "Its version, quoted"))),
    (status = 404, response = ProblemResponse), (status = 503, response = ProblemResponse)
))]
pub async fn show(
    State(orders): State<Orders>,
    id: std::result::Result<Path<Uuid>, PathRejection>,
) -> Result<Response> {
    let id = order_id(id)?;
    let order = store::find(orders.0.db.read(), id).await?;
    Ok(versioned(&Order::from(&order.ok_or(OrderError::NotFound)?)))
}

/// The id in a path. An id that is not a UUID names no order, hence the 404.
fn order_id(
    id: std::result::Result<Path<Uuid>, PathRejection>,
) -> std::result::Result<Uuid, OrderError> {
    id.map(|Path(id)| id).map_err(|_| OrderError::NotFound)
}

/// The response for an order, with its version as the `ETag`.
fn versioned(order: &Order) -> Response {
    let mut response = Json(order).into_response();
    if let Ok(etag) = HeaderValue::from_str(&format!("\"{}\"", order.version)) {
        response.headers_mut().insert(ETAG, etag);
    }
    response
}
