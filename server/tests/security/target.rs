//! The attacked server, in a separate process, and the memory that an attack took.

use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use reqwest::{Client, StatusCode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::webhooks::Webhooks;

#[path = "../it/helpers/folder.rs"]
mod folder;
pub use folder::Folder;

/// The secret with which webhooks are signed.
pub const SECRET: &str = "test-secret";

/// The longest time that a test waits for a condition before it fails.
const PATIENCE: Duration = Duration::from_secs(40);

/// Kilobytes in a megabyte.
const MEGABYTE: u64 = 1_024;

/// A running server; it is killed when dropped.
pub struct Target {
    pub address: SocketAddr,
    pub url: String,
    pub http: Client,
    pub folder: Folder,
    process: Child,
}

impl Target {
    /// Starts a server with the settings of a test, in an empty environment.
    pub async fn start(settings: &[(&str, &str)]) -> Self {
        let folder = Folder::create();
        let address = free_address();
        let process = Command::new(env!("CARGO_BIN_EXE_orchestrator"))
            .current_dir(folder.path())
            .env_clear()
            .env("LISTEN_ADDR", address.to_string())
            .env("SHOPIFY_WEBHOOK_SECRET", SECRET)
            .env("RUST_LOG", "error")
            .envs(settings.iter().copied())
            .arg("serve")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let target = Self {
            address,
            url: format!("http://{address}"),
            http: Client::new(),
            folder,
            process,
        };
        target
            .until("the server is ready", async || {
                let answer = target.http.get(format!("{}/readyz", target.url));
                answer
                    .send()
                    .await
                    .is_ok_and(|answer| answer.status() == StatusCode::OK)
            })
            .await;
        target
    }

    /// Runs an attack while webhooks are being sent. `megabytes` is the most memory that it
    /// may take at any time.
    pub async fn attack<T>(&self, megabytes: u64, attack: impl Future<Output = T>) -> T {
        let webhooks = Webhooks::send(self);
        let before = self.memory("VmRSS");
        let done = attack.await;
        let peak = self.memory("VmHWM");
        webhooks.stop().await.are_acknowledged_in_time();
        let taken = peak.saturating_sub(before) / MEGABYTE;
        assert!(taken <= megabytes, "{taken} MB were taken");
        done
    }

    /// A memory statistic of the process from the kernel, in kilobytes.
    fn memory(&self, what: &str) -> u64 {
        let status = format!("/proc/{}/status", self.process.id());
        let status = std::fs::read_to_string(status).unwrap();
        let line = status.lines().find(|line| line.starts_with(what)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    pub async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends bytes over a new connection; returns everything that is received.
    pub async fn exchange(&self, bytes: &[u8]) -> String {
        let mut connection = self.connect().await;
        let _ = connection.write_all(bytes).await;
        let mut answer = Vec::new();
        let _ = tokio::time::timeout(PATIENCE, connection.read_to_end(&mut answer)).await;
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Waits for a condition.
    pub async fn until(&self, what: &str, condition: impl AsyncFn() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !condition().await {
            assert!(Instant::now() < deadline, "gave up waiting until {what}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// An address on which no program listens.
pub fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}
