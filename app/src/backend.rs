//! Where pages get their data while they are rendered on the server.
//!
//! The server hands in an implementation, so this crate needs to know nothing
//! of databases; in the browser the same data comes from the REST API.

use std::sync::Arc;

use async_trait::async_trait;
use domain::wire::{
    DeliveryPage, DeliveryQuery, DeliveryStats, OrderPage, OrderQuery, OrderStats, Problem,
};

/// A request the backend refused or could not answer.
#[derive(Debug, Clone)]
pub struct BackendError(pub Problem);

/// The services behind the REST API.
#[async_trait]
pub trait Backend: Send + Sync {
    /// As `GET /orders`.
    async fn orders(&self, query: &OrderQuery) -> Result<OrderPage, BackendError>;

    /// As the cursor of `GET /orders/changes`.
    async fn cursor(&self) -> Result<String, BackendError>;

    /// As `GET /orders/stats`.
    async fn stats(&self) -> Result<OrderStats, BackendError>;

    /// As `GET /deliveries`.
    async fn deliveries(&self, query: &DeliveryQuery) -> Result<DeliveryPage, BackendError>;

    /// As `GET /deliveries/stats`.
    async fn delivery_stats(&self) -> Result<DeliveryStats, BackendError>;
}

/// What the server provides to a page as it renders.
#[derive(Clone)]
pub struct BackendContext {
    /// The data.
    pub backend: Arc<dyn Backend>,
    /// The data is made up.
    pub demo: bool,
}
