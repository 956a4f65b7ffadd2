use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use axum::routing::get;
use tokio::net::TcpListener;

use super::*;

struct Get;

impl Requests for Get {
    fn write(&self, number: u64, out: &mut Vec<u8>) {
        out.clear();
        let path = if number == 3 { "/slow" } else { "/" };
        out.extend_from_slice(format!("GET {path} HTTP/1.1\r\nhost: a\r\n\r\n").as_bytes());
    }
}

async fn server() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let slow = get(async || {
        tokio::time::sleep(Duration::from_millis(100)).await;
        StatusCode::IM_A_TEAPOT
    });
    let app = axum::Router::new()
        .route("/", get(async || "yes"))
        .route("/slow", slow);
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

#[tokio::test]
async fn a_closed_loop_sends_everything_once() {
    let sent = closed(server().await, 3, 10..60, Arc::new(Get))
        .await
        .unwrap();
    assert_eq!(sent.responses, BTreeMap::from([(200, 50)]));
    assert_eq!(sent.summary().requests, 50);
    assert!(sent.all_accepted().is_ok());
}

#[tokio::test]
async fn a_response_other_than_200_is_not_acceptance() {
    let sent = closed(server().await, 2, 0..10, Arc::new(Get))
        .await
        .unwrap();
    assert_eq!(sent.responses, BTreeMap::from([(200, 9), (418, 1)]));
    assert!(sent.all_accepted().is_err());
}

#[tokio::test]
async fn in_an_open_loop_delayed_requests_count_as_slow() {
    // On one connection, the slow response delays all requests that are due meanwhile.
    let sent = open(server().await, 1, 1_000.0, 0..50, Arc::new(Get), |_| {})
        .await
        .unwrap();
    let found = sent.summary().latency;
    assert!(found.p50 > 40.0, "{found:?}");
}
