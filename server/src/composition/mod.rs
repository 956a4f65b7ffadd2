//! The composition root: connects all parts of the server, starts them in order, and stops
//! them in order.

mod prepare;
mod shutdown;

use std::net::SocketAddr;
use std::sync::Arc;

use domain::wire::Order;
use domain::wire::sync::NAMESPACE;
use inbox::{DeliveryJob, Settings};
use orders::Orders;
use orders::apply::ApplyToOrders;
use orders::feed::OrderFeed;
use orders::presence;
use platform::db::{Db, clock};
use platform::http::body_budget::BodyBudget;
use platform::http::client_address::ClientAddresses;
use platform::http::hosts::Hosts;
use platform::http::origin::AllowedOrigins;
use platform::http::rate_limit::RateLimit;
use platform::http::serve::serve;
use platform::live::emit::Emitter;
use platform::live::feed::broadcaster::{Publisher, Relayed};
use platform::live::handshakes::Handshakes;
use platform::live::relay::Relay;
use platform::queue::JobQueue;
use platform::redis_handle::RedisHandle;
use platform::telemetry;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub use prepare::migrate;
use prepare::{prepare, prepare_with_retries};
use shutdown::{Stages, run_until_stopped};

use crate::config::Config;
use crate::health::Health;
use crate::metrics::Metrics;
use crate::router::{Guards, Handles, router};
use crate::ssr::Pages;
use crate::{maintenance, sync};

/// Serves on `listener` until `shutdown`, then finishes open requests and running jobs.
///
/// # Errors
///
/// If the server cannot start, or its background tasks failed.
pub async fn run(
    listener: TcpListener,
    config: Config,
    shutdown: CancellationToken,
) -> anyhow::Result<()> {
    telemetry::metrics::install();
    inbox::metric_names::start_at_zero();
    let draining = Arc::default();
    let stages = Stages::new(shutdown, config.drain, &draining);
    let db = Db::open(&config.database_url, config.database_connections).await?;
    let redis = config.redis_url.as_deref().map(RedisHandle::open);
    let redis = redis.transpose()?;
    let queue = queue(&config, redis.clone()).await?;
    let socket = sync::socket();
    let (changes, presences) = relays(&config, redis, &stages.closing).unzip();
    let presence = presence::run(
        socket.presence,
        socket.io.clone(),
        presences,
        stages.stop.clone(),
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
    let guards = guards(&config, listener.local_addr()?);
    let rate = guards.rate.clone();
    // If the database is available, its schema is brought up to date before anything is
    // served. If it is not, requests are answered with 503 until it is.
    let prepared = prepare(&db, &queue).await?;
    let background = {
        let stages = stages.clone();
        async move {
            if !prepared && !prepare_with_retries(&db, &queue, &stages.stop).await? {
                stages.idle.cancel();
                return anyhow::Ok(());
            }
            health.set_prepared();
            let work = async {
                tokio::join!(
                    clock::synchronize(db.clone(), stages.stop.clone()),
                    maintenance::run(db, config.payload_retention, rate, stages.stop.clone()),
                    deliveries.run(stages.stop),
                );
                stages.idle.cancel();
            };
            tokio::join!(work, broadcaster.run(stages.closing), presence);
            Ok(())
        }
    };
    let background = tokio::spawn(background);

    let app = router(handles, (socket.layer, socket.connections), guards);
    let connections = config.limits.connections;
    let server = serve(listener, app, connections, stages.stop.clone());
    run_until_stopped(server, background, &stages).await
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

/// The checks that every request passes before a handler reads it.
fn guards(config: &Config, listening: SocketAddr) -> Guards {
    let origins: AllowedOrigins = config.allowed_origins.as_slice().into();
    let addresses = ClientAddresses::new(&config.trusted_proxies);
    let rate = RateLimit::new(config.limits.requests_per_second, addresses.clone());
    Guards {
        hosts: Hosts::new(listening, &config.allowed_hosts),
        handshakes: Handshakes::new(config.limits.sockets, rate.clone(), Arc::clone(&origins)),
        origins,
        bodies: BodyBudget::new(addresses),
        rate,
    }
}

/// The relays of changes and of presence to other instances; `None` without Redis.
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
