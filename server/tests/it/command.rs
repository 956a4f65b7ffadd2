//! The command line of `orchestrator`.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use domain::wire::OrderPage;
use serde_json::Value;

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

/// A server in a separate process; it is killed when dropped.
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
fn an_invalid_setting_is_refused_by_name() {
    let folder = Folder::create();
    for (variable, value) in [
        ("SHIPPING_FEE_TIERS", "cheap"),
        ("CORS_ALLOWED_ORIGINS", "desk.example.com"),
        ("DATABASE_URL", "mysql://nope"),
        ("REDIS_URL", "not-a-url"),
        ("ALLOWED_HOSTS", "https://desk.example.com"),
        ("SHOPIFY_SHOPS", "acme.example.com"),
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
fn a_port_in_use_is_reported_with_its_address() {
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

#[test]
fn the_version_is_printed_with_the_commands_name() {
    let folder = Folder::create();
    let output = orchestrator(&folder, &["--version"]).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(
        said.trim(),
        concat!("orchestrator ", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn with_the_json_log_format_every_line_is_json() {
    let folder = Folder::create();
    let address = "127.0.0.1:0";
    let json = |arguments: &[&str]| {
        let mut command = orchestrator(&folder, arguments);
        command
            .env("LOG_FORMAT", "json")
            .env("LISTEN_ADDR", address);
        command
    };
    // One process starts and is stopped, another one fails.
    let mut server = json(&["serve", "--demo"]).spawn().unwrap();
    let mut lines = BufReader::new(server.stderr.take().unwrap()).lines();
    let mut log: Vec<String> = (0..3).map(|_| lines.next().unwrap().unwrap()).collect();
    let pid = server.id().to_string();
    Command::new("kill").arg(pid).status().unwrap();
    log.extend(lines.map(Result::unwrap));
    server.wait().unwrap();
    let failed = json(&["serve"]).output().unwrap();
    assert!(!failed.status.success());
    let failed = stderr(&failed);
    assert!(failed.contains("SHOPIFY_WEBHOOK_SECRET"), "{failed}");
    for line in log.iter().map(String::as_str).chain(failed.lines()) {
        let object = serde_json::from_str::<Value>(line);
        assert!(object.is_ok_and(|object| object.is_object()), "{line}");
    }
    assert!(log.len() > 2, "{log:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_counter_is_there_before_its_first_event() {
    let folder = Folder::create();
    let server = Server::start(&folder).await;
    let metrics = reqwest::get(format!("{}/metrics", server.url)).await;
    let metrics = metrics.unwrap().text().await.unwrap();
    let outcomes = "accepted duplicate ignored unauthorized malformed too_large rejected refused \
        unavailable";
    let webhooks = outcomes
        .split_whitespace()
        .map(|outcome| format!("orchestrator_webhooks_total{{outcome=\"{outcome}\"}}"));
    let processed = ["applied", "unchanged", "discarded"]
        .map(|outcome| format!("orchestrator_deliveries_processed_total{{outcome=\"{outcome}\"}}"));
    let refused = ["connection", "socket", "body", "shop"]
        .map(|what| format!("orchestrator_connections_refused_total{{what=\"{what}\"}}"));
    let others = [
        "orchestrator_delivery_attempts_failed_total",
        "orchestrator_deliveries_died_total",
        "orchestrator_changes_broadcast_total",
        "orchestrator_frames_dropped_total",
        "orchestrator_sockets_cut_total",
        "orchestrator_rate_limited_total",
        "orchestrator_relay_lost_total",
    ]
    .map(str::to_owned);
    for series in webhooks.chain(processed).chain(refused).chain(others) {
        let line = format!("{series} 0");
        assert!(metrics.lines().any(|found| found == line), "{line}");
    }
}
