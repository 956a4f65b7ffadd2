//! Connections that say nothing, too little, or something that is not HTTP/1.1.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use super::target::Target;

/// How HTTP/2 begins (RFC 9113, 3.4).
const HTTP2: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00";

/// The time for the head of a request is 10 s; a little for the machine.
const SOON: Duration = Duration::from_secs(15);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_send_no_request_are_closed_and_make_room() {
    let target = Target::start(&[("MAX_CONNECTIONS", "60"), ("MAX_SOCKETS", "10")]).await;
    let opened = Instant::now();
    target
        .attack(20, async {
            let mut silent = Vec::new();
            for number in 0..55 {
                let mut connection = target.connect().await;
                // The client of Shopify's and ours are among those that are open.
                let said: &[u8] = match number % 3 {
                    0 => b"",
                    1 => b"G",
                    _ => b"GET / HTTP/1.1\r\nhost: localhost\r\nx-slow: ",
                };
                let _ = connection.write_all(said).await;
                silent.push(connection);
            }
            for mut connection in silent {
                let mut said = Vec::new();
                let closed = timeout(SOON, connection.read_to_end(&mut said)).await;
                assert!(closed.is_ok(), "it is still open after {SOON:?}");
            }
        })
        .await;
    assert!(opened.elapsed() > Duration::from_secs(5), "closed at once");
    let answer = target
        .say(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        .await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silent_connections_lock_nobody_out_however_many_follow() {
    let target = Target::start(&[("MAX_CONNECTIONS", "50"), ("MAX_SOCKETS", "10")]).await;
    target
        .attack(20, async {
            let mut silent = Vec::new();
            for round in 0..20 {
                for _ in 0..50 {
                    silent.push(target.connect().await);
                }
                let answer = target
                    .say(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
                    .await;
                assert!(answer.starts_with("HTTP/1.1 200"), "{round}: {answer}");
            }
        })
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn http_2_is_not_spoken() {
    let target = Target::start(&[]).await;
    let answer = target.attack(10, target.say(HTTP2)).await;
    // A server that speaks it answers with a frame of settings, which is no text.
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 400"),
        "{answer:?}"
    );
    let upgrade = "GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade, close\r\n\
        upgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n\r\n";
    let answer = target.say(upgrade.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_takes_nothing_of_an_answer_is_cut() {
    let target = Target::start(&[("RATE_LIMIT", "0")]).await;
    target
        .attack(40, async {
            let mut greedy = target.connect().await;
            // Answers of far more than the system keeps for a connection.
            let request = b"GET /openapi.json HTTP/1.1\r\nhost: localhost\r\n\r\n";
            let asking = async {
                loop {
                    if greedy.write_all(request).await.is_err() {
                        return;
                    }
                }
            };
            let cut = timeout(Duration::from_secs(50), asking).await;
            assert!(cut.is_ok(), "it may still ask");
        })
        .await;
}
