//! Large numbers of unsigned bodies, too large bodies, and bodies that arrive slowly.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::target::Target;

const MEGABYTE: usize = 1_024 * 1_024;

/// The head of a request with a body of a megabyte and a wrong signature.
fn head(target: &Target, path: &str, method: &str) -> String {
    format!(
        "{method} {path} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\n\
         x-shopify-hmac-sha256: d3Jvbmc=\r\ncontent-length: {MEGABYTE}\r\n\r\n",
        target.address
    )
}

/// Sends a body without its last byte, and returns the open connection.
async fn begin(target: &Target, head: &str) -> TcpStream {
    let mut connection = target.connect().await;
    let body = vec![b'x'; MEGABYTE - 1];
    // The request may be refused before all of it is sent.
    let _ = connection.write_all(head.as_bytes()).await;
    let _ = timeout(Duration::from_secs(2), connection.write_all(&body)).await;
    connection
}

/// The first line of the answer, without its reason phrase.
async fn answer(mut connection: TcpStream) -> String {
    let mut answer = vec![0; 12];
    let read = timeout(Duration::from_secs(20), connection.read(&mut answer)).await;
    let length = read.expect("no answer in time").unwrap_or(0);
    String::from_utf8_lossy(&answer[..length]).into_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_unsigned_bodies_stay_within_the_memory_limit() {
    let target = Target::start(&[]).await;
    target
        .attack(120, async {
            let head = head(&target, "/webhooks/shopify", "POST");
            let mut answers = Vec::new();
            for _ in 0..10 {
                let begun = (0..100).map(|_| begin(&target, &head));
                let begun = futures::future::join_all(begun).await;
                answers.extend(futures::future::join_all(begun.into_iter().map(answer)).await);
            }
            // Refused for lack of room, timed out, or closed before all of it was sent.
            let fits = |answer: &String| {
                answer.is_empty() || ["HTTP/1.1 503", "HTTP/1.1 408"].contains(&answer.as_str())
            };
            assert!(answers.iter().all(fits), "{answers:?}");
            assert!(answers.iter().any(|answer| answer.ends_with("503")));
        })
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_arrives_byte_by_byte_is_refused_in_time() {
    let target = Target::start(&[]).await;
    target
        .attack(10, async {
            for (path, method) in [
                ("/webhooks/shopify", "POST"),
                ("/orders/0190163d-8694-739b-aea5-966c26f8ad91", "PUT"),
                ("/deliveries/retry", "POST"),
                ("/socket.io/?EIO=4&transport=polling&sid=x", "POST"),
            ] {
                let head = head(&target, path, method).replace(&MEGABYTE.to_string(), "1000");
                let mut connection = target.connect().await;
                connection.write_all(head.as_bytes()).await.unwrap();
                let bytes = async {
                    while connection.write_all(b"x").await.is_ok() {
                        tokio::time::sleep(Duration::from_millis(200)).await;
                        let mut answer = [0; 12];
                        if let Ok(12) = connection.try_read(&mut answer) {
                            return String::from_utf8_lossy(&answer).into_owned();
                        }
                    }
                    String::new()
                };
                let refused = timeout(Duration::from_secs(9), bytes).await;
                assert_eq!(refused.as_deref(), Ok("HTTP/1.1 408"), "{path}");
            }
        })
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_over_the_limit_of_its_path_is_refused() {
    let target = Target::start(&[]).await;
    target
        .attack(20, async {
            for (path, method, limit) in [
                ("/webhooks/shopify", "POST", MEGABYTE),
                (
                    "/orders/0190163d-8694-739b-aea5-966c26f8ad91",
                    "PUT",
                    64 * 1_024,
                ),
                ("/deliveries/retry", "POST", 16 * 1_024),
            ] {
                let length = (limit + 1).to_string();
                let mut request = head(&target, path, method)
                    .replace(&MEGABYTE.to_string(), &length)
                    .into_bytes();
                request.extend(vec![b'x'; limit + 1]);
                let mut connection = target.connect().await;
                let _ = connection.write_all(&request).await;
                assert_eq!(answer(connection).await, "HTTP/1.1 413", "{path}");
            }
        })
        .await;
}
