//! The environment of a drill: services, instances, load and clients.
//!
//! - [`setup`]: starts it
//! - [`editors`]: edits by users during a drill
//! - [`verdict`]: measures the recovery and verifies the result after the failure

pub mod editors;
pub mod setup;
pub mod verdict;

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use anyhow::Context;
use chrono::{TimeDelta, Utc};

use crate::clients::Clients;
use crate::db::Database;
use crate::load::Load;
use crate::server::{Instance, ServerBuild};
use crate::services::balancer::Balancer;
use crate::services::disk::Disk;
use crate::services::postgres::{Installation, Postgres};
use crate::services::proxy::Proxy;
use crate::services::redis::Redis;
use crate::wait::wait_until;

/// The longest time that a delivery may be pending while others fail or hang.
const MAX_PENDING: TimeDelta = TimeDelta::seconds(5);

/// How long the server may take to keep up with the load after its start.
const WARM_UP_TIMEOUT: Duration = Duration::from_secs(15);

/// The settings of all drills.
#[derive(Debug)]
pub struct Settings {
    /// The server under test.
    pub server: ServerBuild,
    /// The installed `PostgreSQL`.
    pub postgres: Installation,
    /// Webhooks a second.
    pub rate: u32,
    /// Whether drills are shortened, for every test run.
    pub short: bool,
}

impl Settings {
    /// Returns `long`, or `short` in a shortened drill.
    pub const fn pick<T: Copy>(&self, long: T, short: T) -> T {
        if self.short { short } else { long }
    }
}

/// The proxies between an instance and its services.
#[derive(Debug)]
pub struct Proxies {
    /// To `PostgreSQL`.
    pub database: Proxy,
    /// To Redis.
    pub redis: Proxy,
}

/// The environment of a drill. Fields are dropped in this order: the load and the
/// clients end before the servers and services.
pub struct Environment {
    /// The stream of webhooks.
    pub load: Load,
    /// The clients.
    pub clients: Clients,
    /// The load balancer, in some drills.
    pub balancer: Option<Balancer>,
    /// The servers.
    pub instances: Vec<Instance>,
    /// One set for each instance, with `PostgreSQL`.
    pub proxies: Vec<Proxies>,
    /// The database, without a proxy.
    pub database: Database,
    postgres: Option<Postgres>,
    redis: Option<Redis>,
    disk: Option<Disk>,
    /// The webhook ids of poison deliveries.
    pub expected_dead: Vec<String>,
    /// Facts to report in addition to the figures.
    pub notes: Vec<String>,
    /// Faults that the verification does not look for.
    pub faults: Vec<String>,
    /// The most healthy deliveries that were pending for too long.
    delayed: AtomicI64,
}

impl Environment {
    /// `PostgreSQL`, without a proxy.
    pub fn postgres(&mut self) -> anyhow::Result<&mut Postgres> {
        self.postgres
            .as_mut()
            .context("this drill has no PostgreSQL")
    }

    /// Redis, without a proxy.
    pub fn redis(&mut self) -> anyhow::Result<&mut Redis> {
        self.redis.as_mut().context("this drill has no Redis")
    }

    /// The file system of the `SQLite` database.
    pub fn disk(&self) -> anyhow::Result<&Disk> {
        self.disk.as_ref().context("this drill has no disk")
    }

    /// Waits until the server keeps up with the load. On a machine that is too slow for
    /// the load, a failure could not be distinguished from slowness, so the rate is halved
    /// until the server keeps up.
    pub async fn warm_up(&mut self) -> anyhow::Result<()> {
        self.load.wait_for_acknowledged(60).await?;
        loop {
            let keeps_up = wait_until(
                "the server keeps up with the load",
                WARM_UP_TIMEOUT,
                async || {
                    let recent = Utc::now() - TimeDelta::seconds(1);
                    Ok(self.database.versions().await?.len() > 20
                        && self.database.pending(recent).await? == 0)
                },
            );
            let Err(error) = keeps_up.await else {
                return Ok(());
            };
            let rate = self.load.halve_rate();
            self.notes
                .push(format!("load lowered to {rate}/s: the machine is too slow"));
            anyhow::ensure!(rate > 1.0, error);
        }
    }

    /// Records how many deliveries are pending for too long, except `allowed` that are
    /// expected to.
    pub async fn record_delayed(&self, allowed: usize) -> anyhow::Result<()> {
        let pending = self.database.pending(Utc::now() - MAX_PENDING).await?;
        let others = pending - i64::try_from(allowed)?;
        self.delayed.fetch_max(others, Ordering::Relaxed);
        Ok(())
    }
}
