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
mod in_flight;
pub mod metric_names;
pub mod parsed_cache;
pub mod shops;
pub mod webhooks;

use std::sync::Arc;
use std::time::Duration;

use channels::shopify::signature::WebhookSecrets;
use chrono::TimeDelta;
use domain::channels::shop::ShopDomain;
use platform::db::Db;
use platform::queue::retry::RetryPolicy;
use platform::queue::{Job, JobQueue, worker};
use sea_orm::DbErr;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::info;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use apply::Apply;
use attempts::DeliveryJobHandler;
use deliveries::{NewDelivery, Stored};
use dispatcher::Dispatcher;
use error::NotStored;
use group_commit::GroupCommit;
use in_flight::InFlight;
use parsed_cache::ParsedCache;
use shops::admission::ShopAdmission;

/// The time after which a dispatched delivery that is still pending counts as lost and is
/// dispatched again.
pub const LEASE: TimeDelta = TimeDelta::seconds(30);

/// Within this time of its arrival a webhook is stored, or refused so that it is sent
/// again. Shopify waits five seconds in all, from its first byte to the last byte of the
/// answer. The time includes a wait for the commit before the webhook's own.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(4);

/// A job: deliveries to apply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryJob {
    /// Rows of `deliveries`.
    pub delivery_ids: Vec<Uuid>,
}

impl Job for DeliveryJob {
    const NAME: &'static str = "deliveries";
    const CONCURRENCY: usize = 5;
}

/// The settings of the inbox.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The secrets that Shopify's webhooks may be signed with.
    pub secrets: WebhookSecrets,
    /// The only shops whose webhooks are accepted; empty means any shop.
    pub allowed_shops: Vec<ShopDomain>,
    /// Decides when a failed delivery is retried, and when it is dead.
    pub retry: RetryPolicy,
}

/// A handle on the inbox; cheap to clone.
#[derive(Clone, Debug)]
pub struct Inbox(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    db: Db,
    commits: GroupCommit,
    shops: ShopAdmission,
    secrets: WebhookSecrets,
}

impl Inbox {
    /// Stores a delivery; returns when it is durable, or at the deadline.
    pub async fn store(
        &self,
        delivery: NewDelivery,
        deadline: Instant,
    ) -> Result<Stored, NotStored> {
        self.0.commits.store(delivery, deadline).await
    }
}

/// The background tasks of the inbox, which dispatch and apply deliveries.
#[expect(missing_debug_implementations, reason = "holds a trait object")]
pub struct Background {
    dispatcher: Dispatcher,
    queue: JobQueue<DeliveryJob>,
    handler: Arc<DeliveryJobHandler>,
}

/// Starts the task that commits deliveries, and prepares the tasks that apply them. The
/// endpoint, the dispatcher and the workers are connected here and nowhere else.
pub fn start(
    db: &Db,
    queue: &JobQueue<DeliveryJob>,
    settings: Settings,
    apply: Arc<dyn Apply>,
) -> (Inbox, Background) {
    let in_flight = InFlight::default();
    let parsed = ParsedCache::default();
    let (dispatcher, dispatch) = Dispatcher::new(db.clone(), queue.clone(), in_flight.clone());
    let handler = DeliveryJobHandler {
        db: db.clone(),
        parsed: parsed.clone(),
        in_flight,
        apply,
        retry: settings.retry,
    };
    let inbox = Inbox(Arc::new(Shared {
        db: db.clone(),
        commits: GroupCommit::start(db.clone(), dispatch, parsed),
        shops: ShopAdmission::new(db.clone(), &settings.allowed_shops),
        secrets: settings.secrets,
    }));
    let background = Background {
        dispatcher,
        queue: queue.clone(),
        handler: Arc::new(handler),
    };
    (inbox, background)
}

impl Background {
    /// Dispatches and applies deliveries until shut down.
    pub async fn run(self, shutdown: CancellationToken) {
        tokio::join!(
            self.dispatcher.run(shutdown.clone()),
            worker::run(self.queue, self.handler, shutdown),
        );
    }
}

/// Makes deliveries of the previous process due again: the embedded queue starts empty,
/// so every pending delivery has to be dispatched again.
pub async fn resume(db: &Db, queue: &JobQueue<DeliveryJob>) -> Result<(), DbErr> {
    if queue.is_embedded() {
        let pending = deliveries::store::make_pending_due(db).await?;
        if pending > 0 {
            info!(pending, "resuming deliveries");
        }
    }
    Ok(())
}

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
