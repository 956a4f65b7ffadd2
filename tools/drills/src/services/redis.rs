//! A Redis of the drill's own, which keeps nothing on disk.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::sys::signal::Signal;
use tokio::net::TcpStream;
use tokio::process::Command;

use super::{Process, free_address};
use crate::until::until;

/// A running Redis.
#[derive(Debug)]
pub struct Redis {
    folder: PathBuf,
    address: SocketAddr,
    process: Process,
}

impl Redis {
    /// Starts an empty one.
    pub async fn start(folder: &Path) -> anyhow::Result<Self> {
        let address = free_address().await?;
        let redis = Self {
            folder: folder.to_owned(),
            address,
            process: launch(folder, address)?,
        };
        redis.answers().await?;
        Ok(redis)
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// `kill -9`: everything in it is gone.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        self.process.signal(Signal::SIGKILL)?;
        self.process.ended(Duration::from_secs(10)).await?;
        Ok(())
    }

    /// Starts it again on the same address, empty.
    pub async fn start_again(&mut self) -> anyhow::Result<()> {
        self.process = launch(&self.folder, self.address)?;
        self.answers().await
    }

    async fn answers(&self) -> anyhow::Result<()> {
        until("Redis answers", Duration::from_secs(10), async || {
            Ok(TcpStream::connect(self.address).await.is_ok())
        })
        .await
    }
}

fn launch(folder: &Path, address: SocketAddr) -> anyhow::Result<Process> {
    let mut redis = Command::new("redis-server");
    redis
        .args(["--port", &address.port().to_string(), "--bind", "127.0.0.1"])
        .args(["--save", "", "--appendonly", "no", "--dir"])
        .arg(folder);
    Process::start("Redis", &mut redis, &folder.join("redis.log"))
}
