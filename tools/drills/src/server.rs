//! One instance of the real server.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

use anyhow::bail;
use nix::sys::signal::Signal;
use reqwest::{Client, StatusCode};
use tokio::process::Command;
use tokio::time::Instant;

use crate::services::{Process, free_address};
use crate::until::until;

/// What drills sign webhooks with.
pub const SECRET: &str = "drill-secret";

/// How long a start may take: schema and all, on a busy machine.
const START: Duration = Duration::from_mins(1);

/// The built server, and where its browser files are.
#[derive(Debug, Clone)]
pub struct Built {
    /// The `orchestrator` binary.
    pub binary: PathBuf,
    /// The folder of browser files.
    pub site_root: PathBuf,
}

/// What an instance is told in its environment.
#[derive(Debug, Clone)]
pub struct Environment {
    /// `DATABASE_URL`
    pub database_url: String,
    /// `REDIS_URL`, if any.
    pub redis_url: Option<String>,
    /// What is said besides, by variable.
    pub more: Vec<(String, String)>,
}

/// An instance: a process on an address it keeps over restarts.
#[derive(Debug)]
pub struct Instance {
    built: Built,
    environment: Environment,
    address: SocketAddr,
    folder: PathBuf,
    log: PathBuf,
    process: Process,
    http: Client,
}

impl Instance {
    /// Starts instance `number`, without waiting for it.
    pub async fn start(
        built: &Built,
        environment: Environment,
        folder: &Path,
        number: usize,
    ) -> anyhow::Result<Self> {
        let address = free_address().await?;
        let log = folder.join(format!("server{number}.log"));
        Ok(Self {
            process: launch(built, &environment, address, folder, &log)?,
            built: built.clone(),
            environment,
            address,
            folder: folder.to_owned(),
            log,
            http: Client::builder().timeout(Duration::from_secs(5)).build()?,
        })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its base address.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Waits until it says it is ready.
    pub async fn ready(&mut self) -> anyhow::Result<()> {
        let url = format!("{}/readyz", self.url());
        let (http, process) = (&self.http, &mut self.process);
        let ready = until("the server is ready", START, async || {
            let answer = http.get(&url).send().await?;
            Ok(answer.status() == StatusCode::OK)
        });
        tokio::select! {
            ready = ready => ready,
            ended = process.end() => bail!("the server ended by itself, with {}", ended?),
        }
    }

    /// `kill -9`, and waits until it is gone.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        self.process.signal(Signal::SIGKILL)?;
        self.process.ended(Duration::from_secs(10)).await?;
        Ok(())
    }

    /// Asks it to stop, and says how it ended and how long that took.
    pub async fn terminate(&mut self) -> anyhow::Result<(ExitStatus, Duration)> {
        let asked = Instant::now();
        self.process.signal(Signal::SIGTERM)?;
        let status = self.process.ended(Duration::from_mins(1)).await?;
        Ok((status, asked.elapsed()))
    }

    /// Stops it in the middle of whatever it does.
    pub fn freeze(&self) -> anyhow::Result<()> {
        self.process.signal(Signal::SIGSTOP)
    }

    /// Lets it go on.
    pub fn thaw(&self) -> anyhow::Result<()> {
        self.process.signal(Signal::SIGCONT)
    }

    /// Starts it again, as an init system would.
    pub fn start_again(&mut self) -> anyhow::Result<()> {
        self.process = launch(
            &self.built,
            &self.environment,
            self.address,
            &self.folder,
            &self.log,
        )?;
        Ok(())
    }

    /// Whether the process lives.
    pub fn runs(&mut self) -> bool {
        self.process.runs()
    }
}

fn launch(
    built: &Built,
    environment: &Environment,
    address: SocketAddr,
    folder: &Path,
    log: &Path,
) -> anyhow::Result<Process> {
    let mut server = Command::new(&built.binary);
    server
        .arg("serve")
        .envs(environment.more.iter().cloned())
        // Away from any `.env`.
        .current_dir(folder)
        .env_remove("REDIS_URL")
        .env("LISTEN_ADDR", address.to_string())
        .env("DATABASE_URL", &environment.database_url)
        .env("SHOPIFY_WEBHOOK_SECRET", SECRET)
        .env("SITE_ROOT", &built.site_root)
        .env("NO_COLOR", "1")
        .env(
            "RUST_LOG",
            "info,server::sync=debug,apalis_core=error,sea_orm_migration=warn",
        );
    if let Some(redis_url) = &environment.redis_url {
        server.env("REDIS_URL", redis_url);
    }
    Process::start("the server", &mut server, log)
}

/// Brings a database's schema up to date, as `orchestrator migrate` does.
pub async fn migrate(built: &Built, database_url: &str) -> anyhow::Result<()> {
    let mut migrate = Command::new(&built.binary);
    let migrate = migrate.arg("migrate").env("DATABASE_URL", database_url);
    let done = migrate.output().await?;
    anyhow::ensure!(
        done.status.success(),
        "migrating: {}",
        String::from_utf8_lossy(&done.stderr)
    );
    Ok(())
}
