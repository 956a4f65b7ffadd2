//! What every scenario needs: a server on a database of its own.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context as _, bail};
use tokio::process::Command;

use crate::load;
use crate::payload::Size;
use crate::record::Clock;
use crate::server::{SECRET, Server, Start};
use crate::services::{Database, Services};
use crate::usage::Watch;
use crate::webhook::{Story, Webhooks};
use crate::witness;

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
    /// Connections that send webhooks in closed loop.
    pub connections: usize,
    /// Webhooks of the long run; a million by default.
    pub long_run: Option<u64>,
    /// Orders of the full database; a million by default.
    pub full: Option<u64>,
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
        warm_up(&server).await?;
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

/// Opens the server's connections, has its statements planned, and sees its
/// workers at work: a fresh start is not what is measured.
async fn warm_up(server: &Server) -> anyhow::Result<()> {
    const WEBHOOKS: u64 = 400;
    // No scenario has orders there.
    const FIRST_ORDER: u64 = 900_000_000;
    let webhooks = Webhooks::new(SECRET, Size::Minimal, Story::PlacedAndPaid, FIRST_ORDER);
    load::closed(server.address, 16, 0..WEBHOOKS, Arc::new(webhooks))
        .await?
        .all_accepted()?;
    witness::applied(server, PATIENCE).await?;
    Ok(())
}

impl Running {
    /// Begins a part of a scenario.
    pub fn clock(&self) -> Clock {
        Clock::start(self.watch)
    }
}
