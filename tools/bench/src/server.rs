//! The server under test: another process, started and stopped here.

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

use crate::http::Connection;
use crate::usage;

/// How long a server may take to start or stop.
const PATIENCE: Duration = Duration::from_mins(1);

/// The secret webhooks are signed with.
pub const SECRET: &str = "benchmark-secret";

/// How to start a server.
#[derive(Debug)]
pub struct Start<'a> {
    /// The program.
    pub program: &'a Path,
    /// Its arguments.
    pub arguments: &'a [&'a str],
    /// Its environment, beside this process's.
    pub environment: Vec<(&'a str, String)>,
    /// Answers 200 when it is ready.
    pub ready_path: &'a str,
    /// Where it runs.
    pub folder: &'a Path,
    /// Where its output goes.
    pub log: PathBuf,
}

/// A running server; killed when dropped.
#[derive(Debug)]
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    /// Its process.
    pub pid: u32,
    child: Child,
}

impl Server {
    /// Starts a server, and waits until it is ready.
    pub async fn start(start: Start<'_>) -> anyhow::Result<Self> {
        let address = free_address()?;
        let log = File::create(&start.log).context("the server's log")?;
        let mut child = Command::new(start.program)
            .args(start.arguments)
            // Settings lying around must not reach it.
            .env_remove("DATABASE_URL")
            .env_remove("REDIS_URL")
            .current_dir(start.folder)
            .envs(start.environment)
            .env("LISTEN_ADDR", address.to_string())
            .env("SHOPIFY_WEBHOOK_SECRET", SECRET)
            .env("RUST_LOG", "warn")
            // One client asks for everything here.
            .env("RATE_LIMIT", "0")
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", start.program.display()))?;
        let pid = child.id().context("the server ended at once")?;
        let deadline = Instant::now() + PATIENCE;
        while !ready(address, start.ready_path).await {
            if let Some(status) = child.try_wait()? {
                bail!("the server ended ({status}); see {}", start.log.display());
            }
            if Instant::now() > deadline {
                bail!("the server is not ready; see {}", start.log.display());
            }
            sleep(Duration::from_millis(50)).await;
        }
        Ok(Self {
            address,
            pid,
            child,
        })
    }

    /// Such as `http://127.0.0.1:9000`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Memory it occupies, in bytes.
    pub fn memory(&self) -> u64 {
        usage::memory(self.pid, "VmRSS").unwrap_or_default()
    }

    /// The most memory it ever occupied, in bytes.
    pub fn peak_memory(&self) -> u64 {
        usage::memory(self.pid, "VmHWM").unwrap_or_default()
    }

    /// Asks it to stop, and waits until it has.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        kill(Pid::from_raw(i32::try_from(self.pid)?), Signal::SIGTERM)?;
        if timeout(PATIENCE, self.child.wait()).await.is_err() {
            self.child.kill().await?;
            bail!("the server did not stop when asked");
        }
        Ok(())
    }
}

async fn ready(address: SocketAddr, path: &str) -> bool {
    let Ok(mut connection) = Connection::open(address).await else {
        return false;
    };
    let answer = connection.get(path).await;
    answer.is_ok_and(|answer| answer.status == 200)
}

/// A port that is free now. Another process might take it first; that is seen
/// at once, as the server does not start.
fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}
