//! The inbox: what channels sent is committed, acknowledged, and applied exactly once.
//!
//! Follow a webhook through the modules:
//! - [`webhooks`]: the door; verifies and reads a webhook
//! - [`shops`]: whose webhooks are accepted
//! - `group_commit`: commits deliveries, many at a time
//! - `dispatcher`: hands committed deliveries to the queue, never too many at once
//! - `attempts`: runs a job and records what failed
//! - [`apply`]: what deliveries are handed to
//! - [`deliveries`]: what was acknowledged, and what became of it
//!
//! The inbox is the truth and the queue only wakes workers: attempts, the time of the
//! next one and the dead state are in `deliveries`. A job that is lost, repeated or
//! late costs nothing but time.

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
use attempts::Attempts;
use deliveries::{NewDelivery, Stored};
use dispatcher::Dispatcher;
use error::NotStored;
use group_commit::GroupCommit;
use in_flight::InFlight;
use parsed_cache::ParsedCache;
use shops::admission::ShopAdmission;

/// How long a dispatched delivery is left alone before it counts as lost and
/// is dispatched again.
pub const LEASE: TimeDelta = TimeDelta::seconds(30);

/// Shopify waits five seconds in all, from its first byte to our last: within this time
/// of a webhook's arrival it is stored, or refused so that it is sent again. Whatever
/// delays it: it may wait for the commit before its own, too.
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

/// How the inbox works.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What Shopify's webhooks may be signed with.
    pub secrets: WebhookSecrets,
    /// The only shops whose webhooks are accepted; empty means any.
    pub allowed_shops: Vec<ShopDomain>,
    /// What a failing delivery leads to.
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
    /// Stores a delivery; returns once it is durable, or at the deadline.
    pub async fn store(
        &self,
        delivery: NewDelivery,
        deadline: Instant,
    ) -> Result<Stored, NotStored> {
        self.0.commits.store(delivery, deadline).await
    }
}

/// The work behind the inbox: dispatching and applying.
#[expect(missing_debug_implementations, reason = "holds a trait object")]
pub struct Background {
    dispatcher: Dispatcher,
    queue: JobQueue<DeliveryJob>,
    attempts: Arc<Attempts>,
}

/// Starts committing deliveries, and prepares the work that applies them. What the door,
/// the dispatcher and the workers know of each other stays in here.
pub fn start(
    db: &Db,
    queue: &JobQueue<DeliveryJob>,
    settings: Settings,
    apply: Arc<dyn Apply>,
) -> (Inbox, Background) {
    let in_flight = InFlight::default();
    let parsed = ParsedCache::default();
    let (dispatcher, dispatch) = Dispatcher::new(db.clone(), queue.clone(), in_flight.clone());
    let attempts = Attempts {
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
        attempts: Arc::new(attempts),
    };
    (inbox, background)
}

impl Background {
    /// Dispatches and applies deliveries until shut down.
    pub async fn run(self, shutdown: CancellationToken) {
        tokio::join!(
            self.dispatcher.run(shutdown.clone()),
            worker::run(self.queue, self.attempts, shutdown),
        );
    }
}

/// Picks up what the last process left: the embedded queue starts empty, so whatever
/// is pending has to be dispatched again.
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
