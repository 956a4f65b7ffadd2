//! What handlers share.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use leptos::config::LeptosOptions;

use crate::db::Db;
use crate::deliveries::inbox::Inbox;
use crate::jobs::queue::JobQueue;
use crate::orders::signposts::Signposts;
use crate::orders::stats::StatsCache;
use crate::sync::publisher::Publisher;
use crate::telemetry::metrics::LookedUp;
use crate::webhooks::secrets::WebhookSecrets;

/// Handles on everything a request may need; cheap to clone.
#[derive(Clone, Debug)]
pub struct AppState {
    /// The database.
    pub db: Db,
    /// Takes webhooks in.
    pub inbox: Inbox,
    /// The job queue, for readiness.
    pub queue: JobQueue,
    /// Tells dashboards of changes.
    pub publisher: Publisher,
    /// Key figures.
    pub stats: StatsCache,
    /// Ways into long lists.
    pub signposts: Signposts,
    /// What webhooks may be signed with.
    pub secrets: WebhookSecrets,
    /// Where the dashboard's files are.
    pub leptos: LeptosOptions,
    /// The data is made up.
    pub demo: bool,
    /// When metrics were last looked up.
    pub looked_up: LookedUp,
    /// Asked to stop: no new requests, please.
    pub draining: Arc<AtomicBool>,
    /// The database was reached and its schema is up to date.
    pub prepared: Arc<AtomicBool>,
}

impl axum::extract::FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}
