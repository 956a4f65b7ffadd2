//! What every scenario needs: a server on a database of its own, and a record
//! of what was found.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::process::Command;

use crate::server::{Server, Start};
use crate::services::{Database, Services};
use crate::usage::{Cpu, Watch};

/// How long any one part of a scenario may take.
pub const PATIENCE: Duration = Duration::from_mins(40);

/// What to measure, and how thoroughly.
#[derive(Debug)]
pub struct Context {
    /// The server's program.
    pub program: PathBuf,
    /// Its browser files.
    pub site_root: Option<PathBuf>,
    /// Where logs and results go.
    pub out: PathBuf,
    /// A short run, to see that everything works; its numbers mean little.
    pub quick: bool,
    /// What is measured against.
    pub services: Services,
    /// Servers started so far.
    pub started: AtomicUsize,
}

/// A server, and its database.
#[derive(Debug)]
pub struct Running {
    /// The server.
    pub server: Server,
    /// Its database; `None` is the embedded one.
    pub database: Option<Database>,
    watch: Watch,
}

/// What one part of a scenario took.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Phase {
    /// Such as `minimal payload`.
    pub name: String,
    /// From start to end.
    pub seconds: f64,
    /// Processor seconds used meanwhile, by whom.
    pub cpu: Cpu,
}

/// What a scenario found.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Outcome {
    /// By the ids in [`crate::measures`].
    pub values: BTreeMap<String, f64>,
    /// Its parts.
    pub phases: Vec<Phase>,
    /// Everything else worth keeping.
    pub details: BTreeMap<String, Value>,
}

impl Context {
    /// One number for real, another for a quick run.
    pub const fn scale(&self, full: u64, quick: u64) -> u64 {
        if self.quick { quick } else { full }
    }

    /// Starts a server on a new database and Redis.
    pub async fn start(&self, name: &str) -> anyhow::Result<Running> {
        let database = self.services.database(name).await?;
        self.start_on(name, database).await
    }

    /// Starts a server on a database that is there already.
    pub async fn start_on(&self, name: &str, database: Database) -> anyhow::Result<Running> {
        let number = self.started.fetch_add(1, Ordering::Relaxed);
        let environment = vec![
            ("DATABASE_URL", database.url.clone()),
            ("REDIS_URL", self.services.redis(number).await?),
        ];
        self.launch(name, environment, Some(database)).await
    }

    /// Starts a server as it comes: `SQLite`, and no Redis.
    pub async fn start_embedded(&self, name: &str) -> anyhow::Result<Running> {
        let folder = self.out.join(format!("{name}-data"));
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        let url = format!("sqlite://{}/bench.db?mode=rwc", folder.display());
        self.launch(name, vec![("DATABASE_URL", url)], None).await
    }

    async fn launch(
        &self,
        name: &str,
        mut environment: Vec<(&str, String)>,
        database: Option<Database>,
    ) -> anyhow::Result<Running> {
        if let Some(site_root) = &self.site_root {
            environment.push(("SITE_ROOT", site_root.display().to_string()));
        }
        let server = Server::start(Start {
            program: &self.program,
            arguments: &["serve"],
            environment,
            ready_path: "/readyz",
            folder: &self.out,
            log: self.out.join(format!("{name}.log")),
        })
        .await?;
        let mut watch = Watch::default();
        if database.is_some() {
            watch = self.services.watch;
        }
        watch.server = Some(server.pid);
        Ok(Running {
            server,
            database,
            watch,
        })
    }

    /// A new database with the server's tables.
    pub async fn migrated(&self, name: &str) -> anyhow::Result<Database> {
        let database = self.services.database(name).await?;
        let status = Command::new(&self.program)
            .arg("migrate")
            .env("DATABASE_URL", &database.url)
            .env("RUST_LOG", "warn")
            .current_dir(&self.out)
            .status()
            .await
            .context("migrate")?;
        if !status.success() {
            bail!("the database could not be migrated");
        }
        Ok(database)
    }

    /// Stops a server and throws its database away.
    pub async fn finish(&self, running: Running) -> anyhow::Result<()> {
        running.server.stop().await?;
        if let Some(database) = running.database {
            self.services.discard(database).await?;
        }
        Ok(())
    }
}

impl Running {
    /// Begins a part of a scenario.
    pub fn clock(&self) -> Clock {
        Clock::start(self.watch)
    }
}

/// Takes the time and the processor seconds of one [`Phase`].
#[derive(Debug)]
pub struct Clock {
    start: Instant,
    watch: Watch,
    cpu: Cpu,
}

impl Clock {
    /// Starts now.
    pub fn start(watch: Watch) -> Self {
        Self {
            start: Instant::now(),
            watch,
            cpu: watch.cpu(),
        }
    }

    /// Stops.
    pub fn stop(self, name: &str) -> Phase {
        Phase {
            name: name.to_owned(),
            seconds: self.start.elapsed().as_secs_f64(),
            cpu: self.watch.cpu() - self.cpu,
        }
    }
}

impl Outcome {
    /// Notes a measured value.
    pub fn set(&mut self, id: &str, value: f64) {
        self.values.insert(id.to_owned(), value);
    }

    /// Notes something worth keeping.
    pub fn detail(&mut self, name: &str, value: impl Serialize) {
        let value = serde_json::to_value(value).unwrap_or_default();
        self.details.insert(name.to_owned(), value);
    }

    /// Notes an answer's times as `ID.p50` and `ID.p99`.
    pub fn latency(&mut self, id: &str, found: crate::latency::Quantiles) {
        self.set(&format!("{id}.p50"), found.p50);
        self.set(&format!("{id}.p99"), found.p99);
        self.detail(&format!("{id}.latency"), found);
    }
}
