//! An instance of the real server.

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
use crate::wait::wait_until;

/// The secret that webhooks are signed with.
pub const SECRET: &str = "drill-secret";

/// How long starting may take, with migrations, on a loaded machine.
const START_TIMEOUT: Duration = Duration::from_mins(1);

/// The server's executable and its browser files.
#[derive(Debug, Clone)]
pub struct ServerBuild {
    /// The `orchestrator` binary.
    pub binary: PathBuf,
    /// The folder of browser files.
    pub site_root: PathBuf,
}

/// The configuration of an instance, set by environment variables.
#[derive(Debug, Clone)]
pub struct Configuration {
    /// `DATABASE_URL`
    pub database_url: String,
    /// `REDIS_URL`, if any.
    pub redis_url: Option<String>,
    /// Additional variables.
    pub extra: Vec<(String, String)>,
}

/// An instance: a process with an address that it keeps when restarted.
#[derive(Debug)]
pub struct Instance {
    build: ServerBuild,
    configuration: Configuration,
    address: SocketAddr,
    folder: PathBuf,
    log: PathBuf,
    process: Process,
    http: Client,
}

impl Instance {
    /// Starts instance `number` without waiting until it is ready.
    pub async fn start(
        build: &ServerBuild,
        configuration: Configuration,
        folder: &Path,
        number: usize,
    ) -> anyhow::Result<Self> {
        let address = free_address().await?;
        let log = folder.join(format!("server{number}.log"));
        Ok(Self {
            process: launch(build, &configuration, address, folder, &log)?,
            build: build.clone(),
            configuration,
            address,
            folder: folder.to_owned(),
            log,
            http: Client::builder().timeout(Duration::from_secs(5)).build()?,
        })
    }

    /// The address it listens on.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its base URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Waits until its readiness check succeeds.
    pub async fn wait_until_ready(&mut self) -> anyhow::Result<()> {
        let url = format!("{}/readyz", self.url());
        let (http, process) = (&self.http, &mut self.process);
        let ready = wait_until("the server is ready", START_TIMEOUT, async || {
            let response = http.get(&url).send().await?;
            Ok(response.status() == StatusCode::OK)
        });
        tokio::select! {
            ready = ready => ready,
            ended = process.wait() => bail!("the server ended unexpectedly with {}", ended?),
        }
    }

    /// Sends SIGKILL, and waits until it has ended.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        self.process.signal(Signal::SIGKILL)?;
        self.process.wait_timeout(Duration::from_secs(10)).await?;
        Ok(())
    }

    /// Sends SIGTERM, and returns the exit status and how long ending took.
    pub async fn terminate(&mut self) -> anyhow::Result<(ExitStatus, Duration)> {
        let begin = Instant::now();
        self.process.signal(Signal::SIGTERM)?;
        let status = self.process.wait_timeout(Duration::from_mins(1)).await?;
        Ok((status, begin.elapsed()))
    }

    /// Suspends the process.
    pub fn freeze(&self) -> anyhow::Result<()> {
        self.process.signal(Signal::SIGSTOP)
    }

    /// Resumes the process.
    pub fn resume(&self) -> anyhow::Result<()> {
        self.process.signal(Signal::SIGCONT)
    }

    /// Starts it again, as an init system would.
    pub fn restart(&mut self) -> anyhow::Result<()> {
        self.process = launch(
            &self.build,
            &self.configuration,
            self.address,
            &self.folder,
            &self.log,
        )?;
        Ok(())
    }

    /// Whether the process is running.
    pub fn is_running(&mut self) -> bool {
        self.process.is_running()
    }
}

fn launch(
    build: &ServerBuild,
    configuration: &Configuration,
    address: SocketAddr,
    folder: &Path,
    log: &Path,
) -> anyhow::Result<Process> {
    let mut server = Command::new(&build.binary);
    server
        .arg("serve")
        .envs(configuration.extra.iter().cloned())
        // A folder without a `.env` file.
        .current_dir(folder)
        .env_remove("REDIS_URL")
        .env("LISTEN_ADDR", address.to_string())
        .env("DATABASE_URL", &configuration.database_url)
        .env("SHOPIFY_WEBHOOK_SECRET", SECRET)
        .env("SITE_ROOT", &build.site_root)
        .env("NO_COLOR", "1")
        .env(
            "RUST_LOG",
            "info,server::sync=debug,apalis_core=error,sea_orm_migration=warn",
        );
    if let Some(redis_url) = &configuration.redis_url {
        server.env("REDIS_URL", redis_url);
    }
    Process::start("the server", &mut server, log)
}

/// Migrates a database with `orchestrator migrate`.
pub async fn migrate(build: &ServerBuild, database_url: &str) -> anyhow::Result<()> {
    let mut migrate = Command::new(&build.binary);
    let migrate = migrate.arg("migrate").env("DATABASE_URL", database_url);
    let done = migrate.output().await?;
    anyhow::ensure!(
        done.status.success(),
        "migration failed: {}",
        String::from_utf8_lossy(&done.stderr)
    );
    Ok(())
}
