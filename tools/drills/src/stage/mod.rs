//! What a drill plays on: services, instances, load and audience.
//!
//! - [`backstage`]: what is there before the curtain rises
//! - [`conclusion`]: what is measured and proven when the damage is done
//! - [`people`]: edits by hand in between

pub mod backstage;
pub mod conclusion;
pub mod people;

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use anyhow::Context;
use chrono::{TimeDelta, Utc};

pub use backstage::Backstage;

use crate::clients::Audience;
use crate::db::Database;
use crate::load::Load;
use crate::server::{Built, Instance};
use crate::services::balancer::Balancer;
use crate::services::disk::Disk;
use crate::services::postgres::{Installation, Postgres};
use crate::services::proxy::Proxy;
use crate::services::redis::Redis;
use crate::until::until;

/// What a delivery may wait while somebody else's fails or hangs.
const UNDISTURBED: TimeDelta = TimeDelta::seconds(5);

/// How long a cold server may take to keep up.
const WARMING: Duration = Duration::from_secs(15);

/// What all drills have in common.
#[derive(Debug)]
pub struct Settings {
    /// The server under test.
    pub built: Built,
    /// The installed `PostgreSQL`.
    pub postgres: Installation,
    /// Webhooks a second.
    pub rate: u32,
    /// Less of everything, for every test run.
    pub short: bool,
}

impl Settings {
    /// One value for the long form of a drill, another for the short one.
    pub const fn pick<T: Copy>(&self, long: T, short: T) -> T {
        if self.short { short } else { long }
    }
}

/// Where an instance's dependencies are, as it sees them.
#[derive(Debug)]
pub struct Wires {
    /// To `PostgreSQL`.
    pub database: Proxy,
    /// To Redis.
    pub redis: Proxy,
}

/// What a drill plays on. Torn down from the top: nobody watches that.
pub struct Stage {
    /// The stream of webhooks.
    pub load: Load,
    /// The clients.
    pub audience: Audience,
    /// In front of the servers, in some drills.
    pub balancer: Option<Balancer>,
    /// The servers.
    pub instances: Vec<Instance>,
    /// One set for each instance, on `PostgreSQL`.
    pub wires: Vec<Wires>,
    /// The database, past the wires.
    pub database: Database,
    postgres: Option<Postgres>,
    redis: Option<Redis>,
    disk: Option<Disk>,
    /// Webhook ids of poisoned deliveries.
    pub meant_to_die: Vec<String>,
    /// What is worth telling besides the numbers.
    pub notes: Vec<String>,
    /// What is wrong beyond what the proof looks at.
    pub faults: Vec<String>,
    /// The most deliveries that had to wait for others.
    waiting: AtomicI64,
}

impl Stage {
    /// Behind the wires.
    pub fn postgres(&mut self) -> anyhow::Result<&mut Postgres> {
        self.postgres
            .as_mut()
            .context("this drill has no PostgreSQL")
    }

    /// Behind the wires.
    pub fn redis(&mut self) -> anyhow::Result<&mut Redis> {
        self.redis.as_mut().context("this drill has no Redis")
    }

    /// Under `SQLite`.
    pub fn disk(&self) -> anyhow::Result<&Disk> {
        self.disk.as_ref().context("this drill has no disk")
    }

    /// Webhooks flow, orders change, and the server keeps up: on a machine that
    /// is too busy for the load, damage could not be told from slowness. So the
    /// load is lowered until it does.
    pub async fn warm_up(&mut self) -> anyhow::Result<()> {
        self.load.flows(60).await?;
        loop {
            let calm = until("the server keeps up with the load", WARMING, async || {
                let recent = Utc::now() - TimeDelta::seconds(1);
                Ok(self.database.versions().await?.len() > 20
                    && self.database.pending(recent).await? == 0)
            });
            let Err(error) = calm.await else {
                return Ok(());
            };
            let rate = self.load.halve();
            self.notes
                .push(format!("load lowered to {rate}/s: the machine is busy"));
            anyhow::ensure!(rate > 1.0, error);
        }
    }

    /// Looks for deliveries that wait longer than they should, besides
    /// `allowed` that are in trouble themselves.
    pub async fn note_waiting(&self, allowed: usize) -> anyhow::Result<()> {
        let waiting = self.database.pending(Utc::now() - UNDISTURBED).await?;
        let others = waiting - i64::try_from(allowed)?;
        self.waiting.fetch_max(others, Ordering::Relaxed);
        Ok(())
    }
}
