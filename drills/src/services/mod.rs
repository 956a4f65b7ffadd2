//! What the server leans on, each started for one drill and free to be broken.
//!
//! - [`postgres`], [`redis`]: the real ones, on ports and in folders of their own
//! - [`proxy`]: a wire in front of either that can be cut or go silent
//! - [`balancer`]: `HAProxy` in front of several instances
//! - [`disk`]: a small disk that can be filled to the last byte
//! - [`scratch`]: the temporary folder they live in

pub mod balancer;
pub mod disk;
pub mod postgres;
pub mod proxy;
pub mod redis;
pub mod scratch;

use std::net::SocketAddr;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::Context;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::net::TcpListener;
use tokio::process::{Child, Command};

/// An address nobody listens on. Somebody else might take it before we do;
/// starting a service on it would then fail loudly.
pub async fn free_address() -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    Ok(listener.local_addr()?)
}

/// A program that runs until told otherwise, or until dropped.
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
        let id = id.with_context(|| format!("{} ended by itself", self.name))?;
        kill(Pid::from_raw(i32::try_from(id)?), signal)
            .with_context(|| format!("cannot send {signal} to {}", self.name))
    }

    /// Waits for its end.
    pub async fn ended(&mut self, patience: Duration) -> anyhow::Result<ExitStatus> {
        let ended = tokio::time::timeout(patience, self.child.wait()).await;
        Ok(ended.with_context(|| format!("{} does not end", self.name))??)
    }

    /// Whether it still runs.
    pub fn runs(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }
}
