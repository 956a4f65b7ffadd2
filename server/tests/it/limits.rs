//! Limits on requests and connections, and the headers of every answer.

use reqwest::StatusCode;
use serde_json::json;
use server::config::Limits;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::helpers::{Backend, Store, TestApp, config, order, problem, webhook};
use crate::on_both_backends;

async fn with_limits(limits: Limits) -> TestApp {
    let store = Store::create(Backend::Sqlite).await;
    let mut config = config(&store);
    config.limits = limits;
    TestApp::start(store, config).await
}

/// A raw connection to the server.
async fn connect(app: &TestApp) -> TcpStream {
    let address = app.url.strip_prefix("http://").unwrap();
    TcpStream::connect(address).await.unwrap()
}

#[tokio::test]
async fn a_client_over_its_rate_limit_is_refused_with_retry_after() {
    let app = with_limits(Limits {
        requests_per_second: 2,
        ..Limits::DEFAULT
    })
    .await;
    for _ in 0..10 {
        assert_eq!(app.get("/orders/stats").await.status(), StatusCode::OK);
    }
    let refused = app.get("/orders/stats").await;
    assert_eq!(refused.headers()["retry-after"], "1");
    let (status, kind, _) = problem(refused).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(kind, "too-many-requests");
    // A balancer checks often, from a single address.
    for _ in 0..20 {
        assert_eq!(app.get("/readyz").await.status(), StatusCode::OK);
        assert_eq!(app.get("/metrics").await.status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn signed_webhooks_have_no_rate_limit_and_wrong_signatures_do() {
    let app = with_limits(Limits {
        requests_per_second: 2,
        ..Limits::DEFAULT
    })
    .await;
    let wrong = async |app: &TestApp| {
        let webhook = webhook("orders/create", &order(1, 0, json!({})));
        let webhook = webhook.with("X-Shopify-Hmac-Sha256", "d3Jvbmc=");
        webhook.send(app).await.status()
    };
    for _ in 0..10 {
        assert_eq!(wrong(&app).await, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(wrong(&app).await, StatusCode::TOO_MANY_REQUESTS);
    for id in 0..20 {
        let webhook = webhook("orders/create", &order(id + 1, 0, json!({})));
        assert_eq!(webhook.send(&app).await.status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn connections_over_the_limit_are_closed_at_once_and_accepted_again_later() {
    let app = with_limits(Limits {
        connections: 3,
        sockets: 1,
        ..Limits::DEFAULT
    })
    .await;
    let mut open = Vec::new();
    let mut closed = 0;
    for _ in 0..6 {
        let mut connection = connect(&app).await;
        // A connection that has sent a request is not closed to make room.
        let request = b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n";
        let _ = connection.write_all(request).await;
        match connection.read_u8().await {
            Ok(_) => open.push(connection),
            Err(_) => closed += 1,
        }
    }
    // The client of the helper may have a connection open as well.
    assert!(closed >= 3, "{closed} of 6 were closed");
    assert!(!open.is_empty());
    drop(open);
    app.until("there is room again", async || {
        let mut connection = connect(&app).await;
        let request = b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
        let mut answer = String::new();
        connection.write_all(request).await.is_ok()
            && connection.read_to_string(&mut answer).await.is_ok()
            && answer.starts_with("HTTP/1.1 200")
    })
    .await;
}

#[tokio::test]
async fn a_request_with_too_large_headers_is_refused() {
    let app = TestApp::spawn(Backend::Sqlite).await;
    let mut connection = connect(&app).await;
    let many = "x-filler: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n".repeat(200);
    let request = format!("GET /healthz HTTP/1.1\r\nhost: localhost\r\n{many}\r\n");
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let _ = connection.read_to_string(&mut answer).await;
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
}

async fn every_answer_has_the_security_headers(app: TestApp) {
    for path in [
        "/dashboard",
        "/orders",
        "/docs",
        "/openapi.json",
        "/nothing",
    ] {
        let answer = app.get(path).await;
        let headers = answer.headers();
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(headers["x-frame-options"], "DENY", "{path}");
        assert!(headers.contains_key("x-request-id"), "{path}");
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(
            policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        let scripts = policy.split(';').find(|part| part.contains("script-src"));
        assert!(
            !scripts.unwrap_or_default().contains("unsafe-inline"),
            "{path}: {policy}"
        );
    }
}

async fn every_page_gets_a_nonce_of_its_own_and_uses_it(app: TestApp) {
    let mut nonces = Vec::new();
    for path in ["/dashboard", "/dashboard/deliveries", "/dashboard/nowhere"] {
        let page = app.get(path).await;
        let policy = page.headers()["content-security-policy"].to_str().unwrap();
        let (_, rest) = policy.split_once("'nonce-").unwrap();
        let nonce = rest.split_once('\'').unwrap().0.to_owned();
        let html = page.text().await.unwrap();
        for script in html.split("<script").skip(1) {
            let tag = script.split_once('>').unwrap().0;
            assert!(
                tag.contains("src=") || tag.contains(&format!("nonce=\"{nonce}\"")),
                "<script{tag}>"
            );
        }
        nonces.push(nonce);
    }
    nonces.sort_unstable();
    nonces.dedup();
    assert_eq!(nonces.len(), 3);
}

#[tokio::test]
async fn the_request_id_of_a_proxy_is_kept_if_it_is_safe_to_log() {
    let app = TestApp::spawn(Backend::Sqlite).await;
    let answered = async |id: &str| {
        let url = format!("{}/healthz", app.url);
        let answer = app.http.get(url).header("x-request-id", id).send().await;
        let answer = answer.unwrap();
        answer.headers()["x-request-id"]
            .to_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(answered("abc-123").await, "abc-123");
    assert_ne!(answered("a b{}").await, "a b{}");
    let long = "a".repeat(65);
    assert_ne!(answered(&long).await, long);
}

on_both_backends!(
    every_answer_has_the_security_headers,
    every_page_gets_a_nonce_of_its_own_and_uses_it,
);
