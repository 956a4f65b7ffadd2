//! `HAProxy` in front of several instances.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, bail};
use nix::unistd::Uid;
use tokio::net::TcpStream;
use tokio::process::Command;

use super::{Process, free_address};
use crate::until::until;

const CONFIGURATION: &str = include_str!("haproxy.cfg");

/// A running balancer.
#[derive(Debug)]
pub struct Balancer {
    address: SocketAddr,
    _process: Process,
}

impl Balancer {
    /// Starts one in front of `instances`.
    pub async fn start(folder: &Path, instances: &[SocketAddr]) -> anyhow::Result<Self> {
        install().await?;
        let address = free_address().await?;
        let servers: Vec<String> = instances
            .iter()
            .enumerate()
            .map(|(number, instance)| format!("    server instance{number} {instance}"))
            .collect();
        let configuration = CONFIGURATION
            .replace("{bind}", &address.to_string())
            .replace("{servers}", &servers.join("\n"));
        let file = folder.join("haproxy.cfg");
        std::fs::write(&file, configuration)?;
        let mut haproxy = Command::new("haproxy");
        haproxy.arg("-db").arg("-f").arg(&file);
        let process = Process::start("HAProxy", &mut haproxy, &folder.join("haproxy.log"))?;
        until("HAProxy listens", Duration::from_secs(10), async || {
            Ok(TcpStream::connect(address).await.is_ok())
        })
        .await?;
        Ok(Self {
            address,
            _process: process,
        })
    }

    /// Where clients find it.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

/// Installs the distribution's package where it is missing and we may.
async fn install() -> anyhow::Result<()> {
    if Command::new("haproxy").arg("-v").output().await.is_ok() {
        return Ok(());
    }
    if !Uid::effective().is_root() {
        bail!("HAProxy is needed: sudo apt-get install haproxy");
    }
    tracing::info!("installing HAProxy");
    for arguments in [
        ["update", "-qq"].as_slice(),
        &["install", "-y", "-qq", "--no-install-recommends", "haproxy"],
    ] {
        let mut install = Command::new("apt-get");
        let install = install
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive");
        let installed = install.output().await.context("apt-get")?;
        if !installed.status.success() {
            bail!("apt-get: {}", String::from_utf8_lossy(&installed.stderr));
        }
    }
    Ok(())
}
