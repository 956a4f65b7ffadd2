use std::{
    collections::HashMap,
    future::{pending, ready},
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use serde_json::{Value, json};

use super::*;
use crate::{WEBHOOK_PATH, sign};

const SECRET: &[u8] = b"a secret";
type Answer = (StatusCode, Json<Value>);
type Seen = Arc<Mutex<HashMap<String, u32>>>;

/// A server that checks signatures and webhook ids, and fails the first attempt of some.
async fn webhook(State(seen): State<Seen>, headers: HeaderMap, body: Bytes) -> Answer {
    let header = |name: &str| headers.get(name).unwrap().to_str().unwrap().to_owned();
    if header("x-shopify-hmac-sha256") != sign(SECRET, &body) {
        return (StatusCode::UNAUTHORIZED, Json(Value::Null));
    }
    assert!(header("x-shopify-topic").starts_with("orders/"));
    assert!(header("x-shopify-triggered-at").ends_with('Z'));
    let id = header("x-shopify-webhook-id");
    let mut seen = seen.lock().unwrap();
    let tries = seen.entry(id.clone()).or_default();
    *tries += 1;
    match (id.starts_with(['0', '1']), *tries) {
        (true, 1) => (StatusCode::SERVICE_UNAVAILABLE, Json(Value::Null)),
        (true, 2) | (false, 1) => (StatusCode::OK, Json(json!({ "status": "accepted" }))),
        _ => (StatusCode::OK, Json(json!({ "status": "duplicate" }))),
    }
}

/// Returns the base URL of such a server, and the attempts it has seen by webhook id.
async fn server() -> (String, Seen) {
    let seen = Seen::default();
    let router = Router::new()
        .route(WEBHOOK_PATH, post(webhook))
        .with_state(Arc::clone(&seen));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, seen)
}

fn options(count: Option<u64>) -> Options {
    Options {
        rate: 400.0,
        count,
        duplicates: 0.2,
        shuffle: 0.2,
        ..Options::default()
    }
}

#[tokio::test]
async fn a_run_delivers_everything_once_and_duplicates_again() {
    let (url, seen) = server().await;
    let sender = Sender::connect(&url, SECRET).unwrap();
    let report = run(&options(Some(120)), &sender, pending()).await;
    assert_eq!(
        (report.accepted, report.rejected, report.failed),
        (120, 0, 0)
    );
    assert!(report.duplicate > 5, "{report:?}");
    assert_eq!(report.sent, report.accepted + report.duplicate);
    assert_eq!(seen.lock().unwrap().len(), 120);
}

#[tokio::test]
async fn a_delivery_with_a_wrong_secret_is_rejected_and_not_retried() {
    let (url, seen) = server().await;
    let sender = Sender::connect(&url, b"another secret").unwrap();
    let options = Options {
        duplicates: 0.0,
        ..options(Some(20))
    };
    let report = run(&options, &sender, pending()).await;
    assert_eq!(
        report,
        Report {
            sent: 20,
            rejected: 20,
            ..Report::default()
        }
    );
    assert!(seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_stopped_run_ends_soon_even_without_a_server() {
    // Nothing listens on a port that was just closed.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let sender = Sender::connect(&url, SECRET).unwrap();
    let stop = tokio::time::sleep(Duration::from_millis(200));
    let began = Instant::now();
    let report = run(&options(None), &sender, stop).await;
    assert!(began.elapsed() < Duration::from_secs(5));
    assert_eq!(report.failed, report.sent);
    assert_eq!(report.sent, IN_FLIGHT as u64, "no more are in flight");
}

#[tokio::test]
async fn a_run_stopped_before_it_began_sends_nothing() {
    let sender = Sender::connect("http://127.0.0.1:1", SECRET).unwrap();
    assert_eq!(
        run(&options(None), &sender, ready(())).await,
        Report::default()
    );
}

#[test]
fn an_invalid_rate_counts_as_one_a_second() {
    assert_eq!(period(4.0), Duration::from_millis(250));
    for invalid in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(period(invalid), Duration::from_secs(1));
    }
    assert_eq!(period(1e-300), Duration::from_secs(1_000));
}

#[test]
fn warnings_are_logged_at_most_once_a_second() {
    let warnings = Warnings::default();
    assert!(warnings.allow());
    assert!(!warnings.allow());
}
