//! The `orchestrator` command itself.

use std::net::TcpListener;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use domain::api::OrderPage;

use crate::helpers::Folder;

/// The command in an empty folder and an empty environment.
fn orchestrator(folder: &Folder, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_orchestrator"));
    command
        .current_dir(folder.path())
        .env_clear()
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A server in a process of its own; killed when dropped.
struct Server {
    process: Child,
    url: String,
}

impl Server {
    async fn start(folder: &Folder) -> Self {
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let address = format!("127.0.0.1:{port}");
        let process = orchestrator(folder, &["serve", "--listen-addr", &address])
            .env("SHOPIFY_WEBHOOK_SECRET", "hush")
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self {
            process,
            url: format!("http://{address}"),
        };
        let deadline = Instant::now() + Duration::from_secs(20);
        while reqwest::get(format!("{}/readyz", server.url))
            .await
            .is_err()
        {
            assert!(Instant::now() < deadline, "the server did not start");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        server
    }

    async fn total(&self) -> u64 {
        let answer = reqwest::get(format!("{}/orders", self.url)).await.unwrap();
        answer.json::<OrderPage>().await.unwrap().total
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn serving_without_a_secret_is_refused_with_advice() {
    let folder = Folder::create();
    let output = orchestrator(&folder, &["serve"]).output().unwrap();
    assert!(!output.status.success());
    let message = stderr(&output);
    assert!(message.contains("SHOPIFY_WEBHOOK_SECRET"), "{message}");
    assert!(message.contains("serve --demo"), "{message}");
}

#[test]
fn settings_that_make_no_sense_are_refused_by_name() {
    let folder = Folder::create();
    for (variable, value) in [
        ("SHIPPING_FEE_TIERS", "cheap"),
        ("CORS_ALLOWED_ORIGINS", "desk.example.com"),
        ("DATABASE_URL", "mysql://nope"),
        ("REDIS_URL", "not-a-url"),
        ("LISTEN_ADDR", "everywhere"),
    ] {
        let output = orchestrator(&folder, &["serve"])
            .env("SHOPIFY_WEBHOOK_SECRET", "hush")
            .env("LISTEN_ADDR", "127.0.0.1:0")
            .env(variable, value)
            .output()
            .unwrap();
        assert!(!output.status.success(), "{variable}");
        let message = stderr(&output);
        let named = message.contains(variable)
            || message.contains(&variable.to_lowercase().replace('_', "-"));
        assert!(named, "{variable}: {message}");
    }
}

#[test]
fn a_taken_port_is_said_plainly() {
    let folder = Folder::create();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = orchestrator(&folder, &["serve", "--demo", "--listen-addr", &address])
        .output()
        .unwrap();
    assert!(!output.status.success());
    assert!(stderr(&output).contains(&format!("cannot listen on {address}")));
}

#[test]
fn migrating_twice_is_harmless() {
    let folder = Folder::create();
    for _ in 0..2 {
        let output = orchestrator(&folder, &["migrate"]).output().unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
    }
    assert!(folder.path().join("data/orchestrator.db").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn simulated_orders_survive_a_kill() {
    let folder = Folder::create();
    let mut server = Server::start(&folder).await;
    let simulate = orchestrator(&folder, &["simulate", "--url", &server.url])
        .args(["--secret", "hush", "--rate", "200", "--count", "60"])
        .args(["--duplicates", "0.2", "--shuffle", "0.2"])
        .output()
        .unwrap();
    assert!(simulate.status.success(), "{}", stderr(&simulate));
    let report = String::from_utf8_lossy(&simulate.stdout).into_owned();
    assert!(report.contains("accepted 60"), "{report}");
    assert!(report.contains("failed 0"), "{report}");

    server.process.kill().unwrap();
    server.process.wait().unwrap();
    let server = Server::start(&folder).await;
    assert!(server.total().await > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_is_reported_by_the_simulator() {
    let folder = Folder::create();
    let server = Server::start(&folder).await;
    let simulate = orchestrator(&folder, &["simulate", "--url", &server.url])
        .args(["--secret", "guess", "--rate", "100", "--count", "3"])
        .output()
        .unwrap();
    let report = String::from_utf8_lossy(&simulate.stdout).into_owned();
    assert!(report.contains("rejected 3"), "{report}");
    assert_eq!(server.total().await, 0);
}
