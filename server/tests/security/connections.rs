//! Connections that send nothing, an incomplete request or another protocol than
//! HTTP/1.1, or that do not read the answers.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use super::target::Target;

/// The connection preface of HTTP/2 (RFC 9113, 3.4).
const HTTP2: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00";

/// The limit for the head of a request is 10 s; the rest allows for a slow machine.
const SOON: Duration = Duration::from_secs(15);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_send_no_request_are_closed_in_time() {
    let target = Target::start(&[("MAX_CONNECTIONS", "60"), ("MAX_SOCKETS", "10")]).await;
    let opened = Instant::now();
    target
        .attack(20, async {
            let mut silent = Vec::new();
            for number in 0..55 {
                let mut connection = target.connect().await;
                // Together with the connections of the webhooks and of the test, these stay
                // below the limit.
                let part: &[u8] = match number % 3 {
                    0 => b"",
                    1 => b"G",
                    _ => b"GET / HTTP/1.1\r\nhost: localhost\r\nx-slow: ",
                };
                let _ = connection.write_all(part).await;
                silent.push(connection);
            }
            for mut connection in silent {
                let mut answer = Vec::new();
                let closed = timeout(SOON, connection.read_to_end(&mut answer)).await;
                assert!(closed.is_ok(), "it is still open after {SOON:?}");
            }
        })
        .await;
    assert!(opened.elapsed() > Duration::from_secs(5), "closed at once");
    let answer = target
        .exchange(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        .await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn idle_connections_do_not_lock_out_other_clients() {
    let target = Target::start(&[("MAX_CONNECTIONS", "50"), ("MAX_SOCKETS", "10")]).await;
    target
        .attack(20, async {
            let mut silent = Vec::new();
            for round in 0..20 {
                for _ in 0..50 {
                    silent.push(target.connect().await);
                }
                let answer = target
                    .exchange(
                        b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n",
                    )
                    .await;
                assert!(answer.starts_with("HTTP/1.1 200"), "{round}: {answer}");
            }
        })
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn http_2_is_not_supported() {
    let target = Target::start(&[]).await;
    let answer = target.attack(10, target.exchange(HTTP2)).await;
    // A server with HTTP/2 would answer with a SETTINGS frame, which is not text.
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 400"),
        "{answer:?}"
    );
    let upgrade = "GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade, close\r\n\
        upgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n\r\n";
    let answer = target.exchange(upgrade.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_does_not_read_answers_is_disconnected() {
    let target = Target::start(&[("RATE_LIMIT", "0")]).await;
    target
        .attack(40, async {
            let mut greedy = target.connect().await;
            // The answers are much larger than the system's buffers for a connection.
            let request = b"GET /openapi.json HTTP/1.1\r\nhost: localhost\r\n\r\n";
            let asking = async {
                loop {
                    if greedy.write_all(request).await.is_err() {
                        return;
                    }
                }
            };
            let closed = timeout(Duration::from_secs(50), asking).await;
            assert!(closed.is_ok(), "the connection is still open");
        })
        .await;
}
