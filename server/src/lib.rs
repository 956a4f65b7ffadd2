//! Atomic Order Orchestrator: signed webhooks in, versioned orders out, live.
//!
//! Follow a webhook through the modules:
//! [`webhooks`] verifies it, [`deliveries`] commits it to the inbox, [`jobs`]
//! dispatches and processes it, [`orders`] holds the versioned result, [`sync`]
//! tells every dashboard, [`web`] renders them. The rules are in the `domain`
//! crate.

// Pages are nested types, rendered here.
#![recursion_limit = "256"]

pub mod cli;
pub mod config;
pub mod db;
pub mod deliveries;
pub mod error;
pub mod health;
pub mod http;
pub mod jobs;
pub mod maintenance;
pub mod openapi;
pub mod orders;
pub mod paging;
pub mod router;
pub mod shops;
pub mod state;
pub mod sync;
pub mod telemetry;
pub mod web;
pub mod webhooks;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};

use config::Config;
use db::{Db, is_unavailable};
use deliveries::inbox::Inbox;
use health::Readiness;
use http::bodies::Bodies;
use http::client_address::ClientAddresses;
use http::hosts::Hosts;
use http::origin::AllowedOrigins;
use http::rate_limit::RateLimit;
use jobs::busy::Busy;
use jobs::dispatcher::Dispatcher;
use jobs::process::Processor;
use jobs::queue::JobQueue;
use jobs::worker;
use orders::desk::Desk;
use router::Gates;
use shops::admission::Shops;
use state::{AppState, Shared};
use sync::clients::Clients;
use sync::handshakes::Handshakes;
use sync::presence::registry::Registry;
use sync::publisher::Publisher;
use sync::relay::{RedisHandle, Relay};
use telemetry::metrics::LookedUp;

/// How long open requests may take to finish at shutdown,
const DRAIN_TIMEOUT: Duration = Duration::from_secs(8);

/// then running jobs,
const JOBS_TIMEOUT: Duration = Duration::from_secs(6);

/// and then everything else.
const END_TIMEOUT: Duration = Duration::from_secs(4);

/// Serves on `listener` until `shutdown`, then finishes what is under way.
pub async fn run(
    listener: TcpListener,
    config: Config,
    shutdown: CancellationToken,
) -> anyhow::Result<()> {
    telemetry::metrics::install();
    let draining = Arc::default();
    let shutdown = drain(shutdown, config.drain, &draining);
    let db = Db::open(&config.database_url, config.database_connections).await?;
    let queue = queue(&config).await?;
    let tasks = TaskTracker::new();
    let people = Registry::default();
    let clients = Clients::default();
    let origins: AllowedOrigins = config.allowed_origins.as_slice().into();
    let (socket, io, lines) =
        sync::socket_layer(Arc::clone(&origins), people.clone(), clients.clone());
    // Dashboards hear of everything to the end: their sockets close when no
    // request and no job can change anything any more.
    let (idle, closing) = (CancellationToken::new(), CancellationToken::new());
    let (changes, presences) = relays(&config, &queue, &closing)?.unzip();
    let presence = sync::presence::run(people, io.clone(), presences, shutdown.clone());
    let (publisher, broadcasts) = Publisher::new(db.clone(), (io, lines.clone()), clients, changes);
    let busy = Busy::default();
    let (dispatcher, dispatch) = Dispatcher::new(db.clone(), queue.clone(), busy.clone());
    let fresh = deliveries::fresh::Fresh::default();
    let processor = Arc::new(Processor {
        db: db.clone(),
        fresh: fresh.clone(),
        busy,
        publisher: publisher.clone(),
        tiers: config.tiers.clone(),
        retry: config.retry,
    });
    let state = AppState::from(Shared {
        inbox: Inbox::start(db.clone(), dispatch, fresh),
        desk: Desk::start(db.clone(), publisher),
        db: db.clone(),
        queue: queue.clone(),
        stats: orders::stats::StatsCache::default(),
        signposts: orders::signposts::Signposts::default(),
        shops: Shops::new(db.clone(), &config.allowed_shops),
        secrets: config.secrets.clone(),
        readiness: Readiness::default(),
        leptos: web::leptos_options(&config),
        demo: config.demo,
        looked_up: LookedUp::default(),
        draining,
        prepared: Arc::default(),
    });
    let gates = gates(&config, listener.local_addr()?, origins);
    let rate = gates.rate.clone();
    // With the database there, nothing is served before its schema is; with
    // the database away, requests are answered with 503 until it comes.
    let prepared = prepare(&db, &queue).await?;
    let ready = Arc::clone(&state.prepared);
    let background = {
        let (shutdown, rate) = (shutdown.clone(), rate.clone());
        let (idle, closing) = (idle.clone(), closing.clone());
        async move {
            if !prepared && !prepare_when_back(&db, &queue, &shutdown).await? {
                idle.cancel();
                return anyhow::Ok(());
            }
            ready.store(true, Ordering::Relaxed);
            let work = async {
                tokio::join!(
                    db::clock::keep(db.clone(), shutdown.clone()),
                    maintenance::run(db, config.payload_retention, rate, shutdown.clone()),
                    dispatcher.run(shutdown.clone()),
                    worker::run(queue, processor, shutdown.clone()),
                );
                idle.cancel();
            };
            tokio::join!(work, broadcasts.run(closing), presence);
            Ok(())
        }
    };
    let background = tasks.spawn(background);
    tasks.close();

    let app = router::router(state, (socket, lines), gates);
    let connections = config.limits.connections;
    let server = http::serve::serve(listener, app, connections, shutdown.clone());
    // The server ends after `shutdown`, when its open requests are answered;
    // before, only a failure in the background ends it.
    let mut background = std::pin::pin!(background);
    let mut server = std::pin::pin!(drained(server, &shutdown));
    tokio::select! {
        () = &mut server => {
            let _ = tokio::time::timeout(JOBS_TIMEOUT, idle.cancelled()).await;
            closing.cancel();
        }
        ended = &mut background => {
            let failed = ended.context("background tasks")?;
            shutdown.cancel();
            closing.cancel();
            server.await;
            failed?;
        }
    }
    if tokio::time::timeout(END_TIMEOUT, tasks.wait())
        .await
        .is_err()
    {
        warn!("some work did not finish in time; it will be picked up again");
    }
    info!("stopped");
    Ok(())
}

async fn queue(config: &Config) -> anyhow::Result<JobQueue> {
    match &config.redis_url {
        Some(url) => JobQueue::redis(url, &config.queue_name),
        None => JobQueue::embedded().await,
    }
}

/// What stands between the network and the handlers.
fn gates(config: &Config, listening: SocketAddr, origins: AllowedOrigins) -> Gates {
    let addresses = ClientAddresses::new(&config.trusted_proxies);
    let rate = RateLimit::new(config.limits.requests_per_second, addresses.clone());
    Gates {
        hosts: Hosts::new(listening, &config.allowed_hosts),
        handshakes: Handshakes::new(config.limits.sockets, rate.clone(), Arc::clone(&origins)),
        origins,
        bodies: Bodies::new(addresses),
        rate,
    }
}

/// Stops when asked to, but first says so for a while, so that a balancer
/// sends its requests elsewhere.
fn drain(
    asked: CancellationToken,
    notice: Duration,
    draining: &Arc<AtomicBool>,
) -> CancellationToken {
    let stop = CancellationToken::new();
    let (draining, stopping) = (draining.clone(), stop.clone());
    tokio::spawn(async move {
        asked.cancelled().await;
        draining.store(true, Ordering::Relaxed);
        tokio::time::sleep(notice).await;
        stopping.cancel();
    });
    stop
}

/// What instances tell each other, where there is Redis to tell it over.
fn relays(
    config: &Config,
    queue: &JobQueue,
    closing: &CancellationToken,
) -> anyhow::Result<Option<(sync::publisher::Others, sync::presence::Others)>> {
    let (Some(url), Some(connection)) = (&config.redis_url, queue.redis_connection()) else {
        return Ok(None);
    };
    let redis = RedisHandle {
        client: redis::Client::open(url.as_str())?,
        connection,
    };
    let channel = |kind: &str| format!("{}:{kind}", config.queue_name);
    Ok(Some((
        Relay::start(redis.clone(), channel("changes"), closing),
        Relay::start(redis, channel("presence"), closing),
    )))
}

/// Waits for the server, and after `shutdown` not for ever: an open socket
/// must not keep the process alive.
async fn drained(server: impl Future<Output = ()>, shutdown: &CancellationToken) {
    let give_up = async {
        shutdown.cancelled().await;
        tokio::time::sleep(DRAIN_TIMEOUT).await;
    };
    tokio::select! {
        () = server => {}
        () = give_up => {}
    }
}

/// Tries again until the database is there; `false` when shut down before.
async fn prepare_when_back(
    db: &Db,
    queue: &JobQueue,
    shutdown: &CancellationToken,
) -> anyhow::Result<bool> {
    let mut pause = Duration::from_millis(250);
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return Ok(false),
            () = tokio::time::sleep(pause) => {}
        }
        if prepare(db, queue).await? {
            return Ok(true);
        }
        pause = (pause * 2).min(Duration::from_secs(5));
    }
}

/// Migrates, and picks up what the last process left. `false` when the
/// database is away.
async fn prepare(db: &Db, queue: &JobQueue) -> anyhow::Result<bool> {
    if let Err(error) = db.migrate().await {
        if is_unavailable(&error) {
            warn!(%error, "the database is away; trying again");
            return Ok(false);
        }
        return Err(error).context("migrating the database");
    }
    // Before anything is claimed until some time.
    db.set_clock().await?;
    // The embedded queue starts empty: whatever is pending must be dispatched.
    if queue.is_embedded() {
        let pending = deliveries::store::make_pending_due(db).await?;
        if pending > 0 {
            info!(pending, "resuming deliveries");
        }
    }
    Ok(true)
}
