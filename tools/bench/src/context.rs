//! Starts the server under test, with its own database, for a scenario.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context as _, bail};
use tokio::process::Command;

use crate::completion;
use crate::load;
use crate::outcome::PhaseTimer;
use crate::payload::Size;
use crate::server::{SECRET, Server, ServerOptions};
use crate::services::{Database, Services};
use crate::usage::Processes;
use crate::webhook::{Lifecycle, Webhooks};

/// How long any part of a scenario may take.
pub const TIMEOUT: Duration = Duration::from_mins(40);

/// The settings of a run, and its services.
#[derive(Debug)]
pub struct Context {
    /// The server's executable.
    pub program: PathBuf,
    /// The folder of browser files.
    pub site_root: Option<PathBuf>,
    /// The folder for logs and results.
    pub out: PathBuf,
    /// A short run, to check that everything works; its figures are not
    /// meaningful.
    pub quick: bool,
    /// Connections that send webhooks in closed loop.
    pub connections: usize,
    /// Webhooks of the long run; a million by default.
    pub long_run: Option<u64>,
    /// Orders of the full database; a million by default.
    pub full: Option<u64>,
    /// `PostgreSQL` and Redis.
    pub services: Services,
    /// The number of servers started so far.
    pub started: AtomicUsize,
}

/// A running server with its database.
#[derive(Debug)]
pub struct Fixture {
    /// The server.
    pub server: Server,
    /// Its `PostgreSQL` database; `None` if the server uses `SQLite`.
    pub database: Option<Database>,
    processes: Processes,
}

impl Context {
    /// Returns `full`, or `quick` in a quick run.
    pub const fn scale(&self, full: u64, quick: u64) -> u64 {
        if self.quick { quick } else { full }
    }

    /// Starts a server with a new database and Redis.
    pub async fn start(&self, name: &str) -> anyhow::Result<Fixture> {
        let database = self.services.database(name).await?;
        self.start_on(name, database).await
    }

    /// Starts a server with an existing database.
    pub async fn start_on(&self, name: &str, database: Database) -> anyhow::Result<Fixture> {
        let number = self.started.fetch_add(1, Ordering::Relaxed);
        let environment = vec![
            ("DATABASE_URL", database.url.clone()),
            ("REDIS_URL", self.services.redis(number).await?),
        ];
        self.launch(name, environment, Some(database)).await
    }

    /// Starts a server with the defaults: `SQLite`, and no Redis.
    pub async fn start_embedded(&self, name: &str) -> anyhow::Result<Fixture> {
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
    ) -> anyhow::Result<Fixture> {
        if let Some(site_root) = &self.site_root {
            environment.push(("SITE_ROOT", site_root.display().to_string()));
        }
        let server = Server::start(ServerOptions {
            program: &self.program,
            arguments: &["serve"],
            environment,
            ready_path: "/readyz",
            folder: &self.out,
            log: self.out.join(format!("{name}.log")),
        })
        .await?;
        warm_up(&server).await?;
        let mut processes = Processes::default();
        if database.is_some() {
            processes = self.services.processes;
        }
        processes.server = Some(server.pid);
        Ok(Fixture {
            server,
            database,
            processes,
        })
    }

    /// Creates a database with the server's tables.
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

    /// Stops the server and drops its database.
    pub async fn tear_down(&self, fixture: Fixture) -> anyhow::Result<()> {
        fixture.server.stop().await?;
        if let Some(database) = fixture.database {
            self.services.discard(database).await?;
        }
        Ok(())
    }
}

/// Sends some webhooks, so that the measurement does not include opening the
/// server's database connections, planning its statements and starting workers.
async fn warm_up(server: &Server) -> anyhow::Result<()> {
    const WEBHOOKS: u64 = 400;
    // No scenario uses these order numbers.
    const FIRST_ORDER: u64 = 900_000_000;
    let webhooks = Webhooks::new(SECRET, Size::Minimal, Lifecycle::PlacedAndPaid, FIRST_ORDER);
    load::closed(server.address, 16, 0..WEBHOOKS, Arc::new(webhooks))
        .await?
        .all_accepted()?;
    completion::wait_until_applied(server, TIMEOUT).await?;
    Ok(())
}

impl Fixture {
    /// Starts timing a phase of a scenario.
    pub fn start_phase(&self) -> PhaseTimer {
        PhaseTimer::start(self.processes)
    }
}
