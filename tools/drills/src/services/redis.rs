//! A Redis for one drill, without persistence.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::sys::signal::Signal;
use tokio::net::TcpStream;
use tokio::process::Command;

use super::{Process, free_address};
use crate::wait::wait_until;

/// A running Redis.
#[derive(Debug)]
pub struct Redis {
    folder: PathBuf,
    address: SocketAddr,
    process: Process,
}

impl Redis {
    /// Starts an empty Redis.
    pub async fn start(folder: &Path) -> anyhow::Result<Self> {
        let address = free_address().await?;
        let redis = Self {
            folder: folder.to_owned(),
            address,
            process: launch(folder, address)?,
        };
        redis.wait_until_ready().await?;
        Ok(redis)
    }

    /// The address it listens on.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Sends SIGKILL: all data in it is lost.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        self.process.signal(Signal::SIGKILL)?;
        self.process.wait_timeout(Duration::from_secs(10)).await?;
        Ok(())
    }

    /// Starts it again, empty, on the same address.
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        self.process = launch(&self.folder, self.address)?;
        self.wait_until_ready().await
    }

    async fn wait_until_ready(&self) -> anyhow::Result<()> {
        wait_until("Redis answers", Duration::from_secs(10), async || {
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
