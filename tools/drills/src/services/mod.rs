//! What the server leans on, each started for one drill and free to be broken.
//!
//! - [`postgres`], [`redis`]: the real ones, on ports and in folders of their own
//! - [`proxy`]: a wire in front of either that can be cut or go silent
//! - [`balancer`]: `HAProxy` in front of several instances
//! - [`disk`]: a small disk that can be filled to the last byte
//! - [`packages`]: programs that may have to be installed first
//! - [`scratch`]: the temporary folder they live in

pub mod balancer;
pub mod disk;
pub mod packages;
pub mod postgres;
pub mod proxy;
pub mod redis;
pub mod scratch;

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

/// A listener on an address that was never given out before. Some are given up
/// again for a service to take, and the system would soon give them to others.
pub async fn listen_anywhere() -> anyhow::Result<TcpListener> {
    static GIVEN_OUT: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    loop {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let mut given_out = GIVEN_OUT.lock().unwrap_or_else(PoisonError::into_inner);
        if given_out.insert(port) {
            return Ok(listener);
        }
    }
}

/// An address nobody listens on. Somebody else might take it before we do;
/// starting a service on it would then fail loudly.
pub async fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(listen_anywhere().await?.local_addr()?)
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
        let name = self.name;
        let ended = tokio::time::timeout(patience, self.end()).await;
        ended.with_context(|| format!("{name} does not end"))?
    }

    /// Waits for its end, however long that takes.
    pub async fn end(&mut self) -> anyhow::Result<ExitStatus> {
        Ok(self.child.wait().await?)
    }

    /// Whether it still runs.
    pub fn runs(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }
}
