//! The balancer with the shipped configuration, in front of the attacked server.

use std::process::{Child, Command, Stdio};

use reqwest::StatusCode;

use super::target::{Target, free_address};

const CONFIGURATION: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/haproxy.cfg");

/// A running `HAProxy`; it is stopped when dropped.
pub struct Balancer {
    pub url: String,
    process: Child,
}

impl Balancer {
    /// Starts it in front of `target`, which takes the place of all three instances.
    pub async fn start(target: &Target) -> Self {
        let address = free_address();
        let instance = target.address.to_string();
        let process = Command::new("haproxy")
            .args(["-db", "-f", CONFIGURATION])
            .env("HTTP_BIND", address.to_string())
            .env("STATS_BIND", free_address().to_string())
            .envs(["APP1", "APP2", "APP3"].map(|name| (name, &instance)))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("haproxy is needed: run `make test`, or apt-get install haproxy");
        let balancer = Self {
            url: format!("http://{address}"),
            process,
        };
        target
            .until("the balancer has found the server", async || {
                let answer = target.http.get(format!("{}/readyz", balancer.url));
                let answer = answer.send().await;
                answer.is_ok_and(|answer| answer.status() == StatusCode::OK)
            })
            .await;
        balancer
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
