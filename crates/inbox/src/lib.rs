//! The inbox: messages of channels are committed, acknowledged, and then applied exactly
//! once.
//!
//! A webhook passes through the modules in this sequence:
//! - [`webhooks`]: the endpoint, which verifies and parses a webhook
//! - [`shops`]: the shops whose webhooks are accepted
//! - `group_commit`: commits deliveries, many at a time
//! - `dispatcher`: puts committed deliveries into the queue, a limited number at a time
//! - `attempts`: runs jobs and records failed attempts
//! - [`apply`]: the interface of the code that applies deliveries
//! - [`deliveries`]: the stored deliveries and their states
//!
//! The table `deliveries` is the source of truth and the queue only wakes workers: the
//! number of attempts, the time of the next one and the dead state are in the table. A
//! job that is lost, repeated or late costs only time.

pub mod apply;
mod attempts;
pub mod deliveries;
mod dispatcher;
pub mod error;
mod group_commit;
mod handle;
mod in_flight;
mod job;
pub mod metric_names;
pub mod parsed_cache;
pub mod shops;
mod start;
pub mod webhooks;

use utoipa_axum::router::OpenApiRouter;

pub use handle::{ANSWER_TIMEOUT, Inbox};
pub use job::{DeliveryJob, LEASE};
pub use start::{Background, Settings, resume, start};

/// `/deliveries …` and `/shops …`
pub fn routes() -> OpenApiRouter<Inbox> {
    OpenApiRouter::new()
        .merge(deliveries::api::routes())
        .merge(shops::routes())
}

/// `POST /webhooks/…`
pub fn webhook_routes() -> OpenApiRouter<Inbox> {
    webhooks::routes()
}
