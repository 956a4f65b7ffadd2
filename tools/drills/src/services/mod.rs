//! The services that the server depends on, started for each drill.
//!
//! - [`postgres`], [`redis`]: the real services, on their own ports and in their own
//!   folders
//! - [`proxy`]: a proxy in front of either that can reset or stall connections
//! - [`balancer`]: `HAProxy` in front of several instances
//! - [`disk`]: a small file system that can be filled completely
//! - [`packages`]: installs missing programs
//! - [`temp_dir`]: the temporary folder for their data and logs

pub mod balancer;
pub mod disk;
pub mod packages;
pub mod postgres;
pub mod proxy;
pub mod redis;
pub mod temp_dir;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::process::{ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::net::TcpListener;
use tokio::process::{Child, Command};

/// Listens on a port that this process has not used before. Some of these ports are
/// closed again for a service to use, and the system might assign them a second time.
pub async fn listen_on_free_port() -> anyhow::Result<TcpListener> {
    static USED: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    loop {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let mut used = USED.lock().unwrap_or_else(PoisonError::into_inner);
        if used.insert(port) {
            return Ok(listener);
        }
    }
}

/// Finds a free address. If another process takes it first, starting the service fails.
pub async fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(listen_on_free_port().await?.local_addr()?)
}

/// A running program; killed when dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    name: &'static str,
}

impl Process {
    /// Starts `command` with its output appended to `log`.
    pub fn start(
        name: &'static str,
        command: &mut Command,
        log: &std::path::Path,
    ) -> anyhow::Result<Self> {
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(log)
            .with_context(|| format!("cannot write {}", log.display()))?;
        let child = command
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        Ok(Self { child, name })
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) -> anyhow::Result<()> {
        let id = self.child.id();
        let id = id.with_context(|| format!("{} ended unexpectedly", self.name))?;
        kill(Pid::from_raw(i32::try_from(id)?), signal)
            .with_context(|| format!("cannot send {signal} to {}", self.name))
    }

    /// Waits until it ends, at most for `timeout`.
    pub async fn wait_timeout(&mut self, timeout: Duration) -> anyhow::Result<ExitStatus> {
        let name = self.name;
        let ended = tokio::time::timeout(timeout, self.wait()).await;
        ended.with_context(|| format!("{name} did not end in time"))?
    }

    /// Waits until it ends.
    pub async fn wait(&mut self) -> anyhow::Result<ExitStatus> {
        Ok(self.child.wait().await?)
    }

    /// Whether it is running.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }
}
