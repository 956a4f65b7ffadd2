//! Starts and stops the server under test, or a baseline server, as a process.

use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

use crate::http::HttpConnection;
use crate::usage;

/// How long a server may take to start or stop.
const TIMEOUT: Duration = Duration::from_mins(1);

/// The secret webhooks are signed with.
pub const SECRET: &str = "benchmark-secret";

/// How a server is started.
#[derive(Debug)]
pub struct ServerOptions<'a> {
    /// The executable.
    pub program: &'a Path,
    /// Its arguments.
    pub arguments: &'a [&'a str],
    /// Environment variables, in addition to those of this process.
    pub environment: Vec<(&'a str, String)>,
    /// The path that answers 200 when the server is ready.
    pub ready_path: &'a str,
    /// The working directory.
    pub folder: &'a Path,
    /// The file for its output.
    pub log: PathBuf,
}

/// A running server; killed when dropped.
#[derive(Debug)]
pub struct Server {
    /// The address it listens on.
    pub address: SocketAddr,
    /// Its process id.
    pub pid: u32,
    child: Child,
}

impl Server {
    /// Starts a server, and waits until it is ready.
    pub async fn start(options: ServerOptions<'_>) -> anyhow::Result<Self> {
        let address = free_address()?;
        let log = File::create(&options.log).context("the server's log")?;
        let mut child = Command::new(options.program)
            .args(options.arguments)
            // The environment's databases must not be used.
            .env_remove("DATABASE_URL")
            .env_remove("REDIS_URL")
            .current_dir(options.folder)
            .envs(options.environment)
            .env("LISTEN_ADDR", address.to_string())
            .env("SHOPIFY_WEBHOOK_SECRET", SECRET)
            .env("RUST_LOG", "warn")
            // All requests come from one address here.
            .env("RATE_LIMIT", "0")
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", options.program.display()))?;
        let pid = child.id().context("the server ended immediately")?;
        let deadline = Instant::now() + TIMEOUT;
        while !ready(address, options.ready_path).await {
            if let Some(status) = child.try_wait()? {
                bail!("the server ended ({status}); see {}", options.log.display());
            }
            if Instant::now() > deadline {
                bail!("the server is not ready; see {}", options.log.display());
            }
            sleep(Duration::from_millis(50)).await;
        }
        Ok(Self {
            address,
            pid,
            child,
        })
    }

    /// The base URL, such as `http://127.0.0.1:9000`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Resident memory, in bytes.
    pub fn memory(&self) -> u64 {
        usage::memory(self.pid, "VmRSS").unwrap_or_default()
    }

    /// The most resident memory so far, in bytes.
    pub fn peak_memory(&self) -> u64 {
        usage::memory(self.pid, "VmHWM").unwrap_or_default()
    }

    /// Sends SIGTERM, and waits until it has ended.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        kill(Pid::from_raw(i32::try_from(self.pid)?), Signal::SIGTERM)?;
        if timeout(TIMEOUT, self.child.wait()).await.is_err() {
            self.child.kill().await?;
            bail!("the server did not end after SIGTERM");
        }
        Ok(())
    }
}

async fn ready(address: SocketAddr, path: &str) -> bool {
    let Ok(mut connection) = HttpConnection::open(address).await else {
        return false;
    };
    let response = connection.get(path).await;
    response.is_ok_and(|response| response.status == 200)
}

/// Finds a free port. If another process takes it first, the server fails to
/// start.
fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}
