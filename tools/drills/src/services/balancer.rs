//! `HAProxy` in front of several instances, with the configuration in `deploy`.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::ensure;
use reqwest::StatusCode;
use tokio::process::Command;

use super::{Process, free_address, packages};
use crate::wait::wait_until;

/// The configuration for production.
const CONFIGURATION: &str = include_str!("../../../../deploy/haproxy.cfg");

/// The variables with the addresses of its instances.
const INSTANCES: [&str; 3] = ["APP1", "APP2", "APP3"];

/// A running balancer.
#[derive(Debug)]
pub struct Balancer {
    address: SocketAddr,
    _process: Process,
}

impl Balancer {
    /// Starts `HAProxy` in front of `instances`, and waits until one of them is ready.
    pub async fn start(folder: &Path, instances: &[SocketAddr]) -> anyhow::Result<Self> {
        packages::ensure_installed("haproxy", &["-v"]).await?;
        ensure!(
            instances.len() == INSTANCES.len(),
            "the configuration is for three instances"
        );
        let address = free_address().await?;
        let file = folder.join("haproxy.cfg");
        std::fs::write(&file, CONFIGURATION)?;
        let mut haproxy = Command::new("haproxy");
        haproxy
            .arg("-db")
            .arg("-f")
            .arg(&file)
            .env("HTTP_BIND", address.to_string())
            .env("STATS_BIND", free_address().await?.to_string());
        for (name, instance) in INSTANCES.into_iter().zip(instances) {
            haproxy.env(name, instance.to_string());
        }
        let process = Process::start("HAProxy", &mut haproxy, &folder.join("haproxy.log"))?;
        let balancer = Self {
            address,
            _process: process,
        };
        let ready = format!("{}/readyz", balancer.url());
        wait_until(
            "HAProxy finds an instance",
            Duration::from_secs(10),
            async || {
                let response = reqwest::get(&ready).await;
                Ok(response.is_ok_and(|response| response.status() == StatusCode::OK))
            },
        )
        .await?;
        Ok(balancer)
    }

    /// Its base URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}
