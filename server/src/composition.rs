//! Starts everything in order, and stops it in order.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context;
use domain::wire::Order;
use domain::wire::sync::NAMESPACE;
use inbox::{DeliveryJob, Settings};
use migrations::Migrator;
use orders::Orders;
use orders::apply::ApplyToOrders;
use orders::feed::OrderFeed;
use orders::presence;
use platform::db::{self, Db, is_unavailable};
use platform::http::body_budget::BodyBudget;
use platform::http::client_address::ClientAddresses;
use platform::http::hosts::Hosts;
use platform::http::origin::AllowedOrigins;
use platform::http::rate_limit::RateLimit;
use platform::http::serve::serve;
use platform::live::emit::Emitter;
use platform::live::feed::Feed;
use platform::live::feed::broadcaster::{Publisher, Relayed};
use platform::live::handshakes::Handshakes;
use platform::live::relay::Relay;
use platform::queue::JobQueue;
use platform::redis_handle::RedisHandle;
use platform::telemetry;
use sea_orm::DbErr;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};

use crate::config::Config;
use crate::health::Health;
use crate::metrics::Metrics;
use crate::router::{Gates, Handles, router};
use crate::ssr::Pages;
use crate::{maintenance, sync};

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
    inbox::metric_names::start_at_zero();
    let draining = Arc::default();
    let shutdown = drain(shutdown, config.drain, &draining);
    let db = Db::open(&config.database_url, config.database_connections).await?;
    let redis = config.redis_url.as_deref().map(RedisHandle::open);
    let redis = redis.transpose()?;
    let queue = queue(&config, redis.clone()).await?;
    let tasks = TaskTracker::new();
    let socket = sync::socket();
    // Dashboards receive everything to the end: their sockets close when no
    // request and no job can change anything any more.
    let (idle, closing) = (CancellationToken::new(), CancellationToken::new());
    let (changes, presences) = relays(&config, redis, &closing).unzip();
    let presence = presence::run(
        socket.people,
        socket.io.clone(),
        presences,
        shutdown.clone(),
    );
    let emitter = Emitter {
        io: socket.io,
        connections: socket.connections.clone(),
        namespace: NAMESPACE,
    };
    let (publisher, broadcaster) =
        Publisher::<OrderFeed>::new(db.clone(), emitter, socket.clients, changes);
    let apply = Arc::new(ApplyToOrders {
        db: db.clone(),
        publisher: publisher.clone(),
        tiers: config.tiers.clone(),
    });
    let settings = Settings {
        secrets: config.secrets.clone(),
        allowed_shops: config.allowed_shops.clone(),
        retry: config.retry,
    };
    let (inbox, deliveries) = inbox::start(&db, &queue, settings, apply);
    let health = Health::new(&db, &queue, draining);
    let handles = Handles {
        orders: Orders::start(&db, publisher),
        inbox,
        health: health.clone(),
        metrics: Metrics::new(&db, &queue),
        pages: Pages::new(&config),
    };
    let gates = gates(&config, listener.local_addr()?);
    let rate = gates.rate.clone();
    // With the database there, nothing is served before its schema is; with
    // the database away, requests are answered with 503 until it comes.
    let prepared = prepare(&db, &queue).await?;
    let background = {
        let shutdown = shutdown.clone();
        let (idle, closing) = (idle.clone(), closing.clone());
        async move {
            if !prepared && !prepare_when_back(&db, &queue, &shutdown).await? {
                idle.cancel();
                return anyhow::Ok(());
            }
            health.set_prepared();
            let work = async {
                tokio::join!(
                    db::clock::keep(db.clone(), shutdown.clone()),
                    maintenance::run(db, config.payload_retention, rate, shutdown.clone()),
                    deliveries.run(shutdown),
                );
                idle.cancel();
            };
            tokio::join!(work, broadcaster.run(closing), presence);
            Ok(())
        }
    };
    let background = tasks.spawn(background);
    tasks.close();

    let app = router(handles, (socket.layer, socket.connections), gates);
    let connections = config.limits.connections;
    let server = serve(listener, app, connections, shutdown.clone());
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

async fn queue(
    config: &Config,
    redis: Option<RedisHandle>,
) -> anyhow::Result<JobQueue<DeliveryJob>> {
    match redis {
        Some(redis) => Ok(JobQueue::redis(redis, &config.queue_name)),
        None => JobQueue::embedded().await,
    }
}

/// What stands between the network and the handlers.
fn gates(config: &Config, listening: SocketAddr) -> Gates {
    let origins: AllowedOrigins = config.allowed_origins.as_slice().into();
    let addresses = ClientAddresses::new(&config.trusted_proxies);
    let rate = RateLimit::new(config.limits.requests_per_second, addresses.clone());
    Gates {
        hosts: Hosts::new(listening, &config.allowed_hosts),
        handshakes: Handshakes::new(config.limits.sockets, rate.clone(), Arc::clone(&origins)),
        origins,
        bodies: BodyBudget::new(addresses),
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

/// What instances send each other, where there is Redis to send it over.
fn relays(
    config: &Config,
    redis: Option<RedisHandle>,
    closing: &CancellationToken,
) -> Option<(Relayed<Order>, presence::Relayed)> {
    let redis = redis?;
    let channel = |kind: &str| format!("{}:{kind}", config.queue_name);
    Some((
        Relay::start(redis.clone(), channel("changes"), closing),
        Relay::start(redis, channel("presence"), closing),
    ))
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
    queue: &JobQueue<DeliveryJob>,
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
async fn prepare(db: &Db, queue: &JobQueue<DeliveryJob>) -> anyhow::Result<bool> {
    if let Err(error) = migrate(db).await {
        if is_unavailable(&error) {
            warn!(%error, "the database is away; trying again");
            return Ok(false);
        }
        return Err(error).context("migrating the database");
    }
    // Before anything is claimed until some time.
    db.set_clock().await?;
    inbox::resume(db, queue).await?;
    Ok(true)
}

/// Brings the schema up to date.
pub async fn migrate(db: &Db) -> Result<(), DbErr> {
    db.migrate::<Migrator>().await?;
    OrderFeed::EVENTS.heal_after_restore(db).await
}
