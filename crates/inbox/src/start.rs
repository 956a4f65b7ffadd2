//! Puts the inbox together. The endpoint, the dispatcher and the workers are connected
//! here and nowhere else.

use std::sync::Arc;

use channels::shopify::signature::WebhookSecrets;
use domain::channels::shop::ShopDomain;
use platform::db::Db;
use platform::queue::retry::RetryPolicy;
use platform::queue::{JobQueue, worker};
use sea_orm::DbErr;
use tokio_util::sync::CancellationToken;
use tracing::info;

use crate::apply::Apply;
use crate::attempts::DeliveryJobHandler;
use crate::deliveries::store::make_pending_due;
use crate::dispatcher::Dispatcher;
use crate::group_commit::GroupCommit;
use crate::handle::{Inbox, Shared};
use crate::in_flight::InFlight;
use crate::job::DeliveryJob;
use crate::parsed_cache::ParsedCache;
use crate::shops::admission::ShopAdmission;

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

/// The background tasks of the inbox, which dispatch and apply deliveries.
#[expect(missing_debug_implementations, reason = "holds a trait object")]
pub struct Background {
    dispatcher: Dispatcher,
    queue: JobQueue<DeliveryJob>,
    handler: Arc<DeliveryJobHandler>,
}

/// Starts the task that commits deliveries, and prepares the tasks that apply them.
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
        let pending = make_pending_due(db).await?;
        if pending > 0 {
            info!(pending, "resuming deliveries");
        }
    }
    Ok(())
}
