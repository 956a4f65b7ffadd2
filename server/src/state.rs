//! What handlers share.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use leptos::config::LeptosOptions;

use crate::db::Db;
use crate::deliveries::inbox::Inbox;
use crate::health::Readiness;
use crate::jobs::queue::JobQueue;
use crate::orders::desk::Desk;
use crate::orders::signposts::Signposts;
use crate::orders::stats::StatsCache;
use crate::shops::admission::Shops;
use crate::telemetry::metrics::LookedUp;
use crate::webhooks::secrets::WebhookSecrets;

/// What handlers share; cheap to clone, which every layer does with every request.
#[derive(Clone, Debug)]
pub struct AppState(Arc<Shared>);

/// Handles on everything a request may need.
#[derive(Debug)]
pub struct Shared {
    /// The database.
    pub db: Db,
    /// Takes webhooks in.
    pub inbox: Inbox,
    /// Saves people's edits.
    pub desk: Desk,
    /// The job queue, for readiness.
    pub queue: JobQueue,
    /// Key figures.
    pub stats: StatsCache,
    /// Ways into long lists.
    pub signposts: Signposts,
    /// Whose webhooks are taken.
    pub shops: Shops,
    /// What webhooks may be signed with.
    pub secrets: WebhookSecrets,
    /// Where the dashboard's files are.
    pub leptos: LeptosOptions,
    /// The data is made up.
    pub demo: bool,
    /// When metrics were last looked up.
    pub looked_up: LookedUp,
    /// Whether this server can do its work.
    pub readiness: Readiness,
    /// Asked to stop: no new requests, please.
    pub draining: Arc<AtomicBool>,
    /// The database was reached and its schema is up to date.
    pub prepared: Arc<AtomicBool>,
}

impl From<Shared> for AppState {
    fn from(shared: Shared) -> Self {
        Self(Arc::new(shared))
    }
}

impl Deref for AppState {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl axum::extract::FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}
