//! Messages over the live socket: too large, fragmented, in batches or too many.

use std::time::{Duration, Instant};

use futures::{SinkExt, StreamExt};
use reqwest::StatusCode;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use super::target::Target;

/// The limit for a message in bytes, as documented.
const LIMIT: usize = 16 * 1_024;

/// Shorter than the time after which a client that answers no heartbeat is disconnected.
const AT_ONCE: Duration = Duration::from_secs(4);

type Client = WebSocketStream<TcpStream>;

/// A client of the namespace `/sync`.
async fn join(target: &Target) -> Client {
    let url = format!(
        "ws://{}/socket.io/?EIO=4&transport=websocket",
        target.address
    );
    let mut client = client_async(url, target.connect().await).await.unwrap().0;
    client.next().await.unwrap().unwrap();
    client.send(Message::text("40/sync,")).await.unwrap();
    loop {
        let message = client.next().await.unwrap().unwrap();
        if message.to_text().unwrap().starts_with("40/sync,") {
            return client;
        }
    }
}

/// Opens a session by long polling; returns its address and its id.
async fn begin_polling(target: &Target) -> (String, String) {
    let polling = format!("{}/socket.io/?EIO=4&transport=polling", target.url);
    let opened = target.http.get(&polling).send().await.unwrap();
    let opened = opened.text().await.unwrap();
    let opened: serde_json::Value = serde_json::from_str(&opened[1..]).unwrap();
    (polling, opened["sid"].as_str().unwrap().to_owned())
}

/// Whether the server closes the connection at once; it may send other messages before.
async fn ends(mut client: Client) -> bool {
    let end = async {
        while let Some(Ok(message)) = client.next().await {
            if message.is_close() {
                return;
            }
        }
    };
    timeout(AT_ONCE, end).await.is_ok()
}

fn message(length: usize) -> String {
    let start = "42/sync,[\"WATCH\",\"";
    format!("{start}{}\"]", "x".repeat(length - start.len() - 2))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_over_the_limit_ends_the_connection() {
    let target = Target::start(&[]).await;
    target
        .attack(60, async {
            let mut fits = join(&target).await;
            fits.send(Message::text(message(LIMIT))).await.unwrap();
            fits.send(Message::text("42/sync,[\"WATCH\",{\"orders\":[]}]"))
                .await
                .unwrap();
            let mut clients = Vec::new();
            for _ in 0..20 {
                let mut client = join(&target).await;
                // The server may close the connection before all of it is sent.
                let _ = client
                    .send(Message::text(message(10 * 1_024 * 1_024)))
                    .await;
                clients.push(client);
            }
            for client in clients {
                assert!(ends(client).await, "10 MiB were taken");
            }
            let mut just_over = join(&target).await;
            let _ = just_over.send(Message::text(message(LIMIT + 1))).await;
            assert!(ends(just_over).await, "one byte too many was taken");
            fits.send(Message::text("42/sync,[\"WATCH\",{\"orders\":[]}]"))
                .await
                .unwrap();
        })
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unfinished_messages_use_no_more_than_the_limit() {
    let target = Target::start(&[]).await;
    target
        .attack(60, async {
            let mut clients = Vec::new();
            for _ in 0..20 {
                let mut client = join(&target).await;
                for number in 0..64 {
                    let kind = if number == 0 {
                        Data::Text
                    } else {
                        Data::Continue
                    };
                    let part = vec![b'x'; LIMIT / 2];
                    let part = Frame::message(part, OpCode::Data(kind), false);
                    if client.send(Message::Frame(part)).await.is_err() {
                        break;
                    }
                }
                clients.push(client);
            }
            for client in clients {
                assert!(ends(client).await, "fragments were kept");
            }
        })
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_with_binary_attachments_ends_the_connection() {
    let target = Target::start(&[]).await;
    target
        .attack(40, async {
            let mut client = join(&target).await;
            let promised = "51-/sync,[\"WATCH\",{\"_placeholder\":true,\"num\":0}]";
            client.send(Message::text(promised)).await.unwrap();
            for _ in 0..64 {
                let part = Message::binary(vec![0; LIMIT]);
                if client.send(part).await.is_err() {
                    break;
                }
            }
            assert!(ends(client).await, "it waits for the rest");
        })
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn batches_of_a_polling_client_have_the_same_limit() {
    let target = Target::start(&[]).await;
    target
        .attack(40, async {
            let (polling, id) = begin_polling(&target).await;
            let session = format!("{polling}&sid={id}");
            let send = async |body: String| {
                let request = target.http.post(&session).body(body);
                request.send().await.unwrap().status()
            };
            assert_eq!(send("40/sync,".to_owned()).await, StatusCode::OK);
            let many = vec![message(1_000); 15].join("\u{1e}");
            assert_eq!(send(many).await, StatusCode::OK);
            let too_many = vec![message(1_000); 17].join("\u{1e}");
            assert!(send(too_many).await.is_client_error());
        })
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_joins_no_namespace_is_disconnected() {
    let target = Target::start(&[]).await;
    target
        .attack(10, async {
            let url = format!(
                "ws://{}/socket.io/?EIO=4&transport=websocket",
                target.address
            );
            let (mut client, _) = client_async(url, target.connect().await).await.unwrap();
            let begun = Instant::now();
            // It answers heartbeats, so that it can only be disconnected because it has joined
            // no namespace.
            let until_closed = async {
                while let Some(Ok(message)) = client.next().await {
                    if message.to_text().is_ok_and(|text| text == "2") {
                        let _ = client.send(Message::text("3")).await;
                    }
                }
            };
            let closed = timeout(Duration::from_secs(20), until_closed).await;
            assert!(
                closed.is_ok(),
                "still connected after {:?}",
                begun.elapsed()
            );
        })
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_of_a_client_are_read_at_a_limited_rate() {
    let target = Target::start(&[]).await;
    let order = "0190163d-8694-739b-aea5-966c26f8ad91";
    let present = format!(
        "42/sync,[\"PRESENT\",{{\"order\":\"{order}\",\"doing\":\"viewing\",\"name\":\"x\"}}]"
    );
    for message in [
        "40/sync,",
        "40/elsewhere,",
        "42/sync,[\"WATCH\",{\"orders\":[]}]",
        &present,
    ] {
        target
            .attack(30, async {
                let floods = (0..3).map(async |_| {
                    let mut client = join(&target).await;
                    let flood = async {
                        loop {
                            for _ in 0..100 {
                                client.feed(Message::text(message)).await?;
                            }
                            client.flush().await?;
                        }
                    };
                    let flood = timeout(Duration::from_secs(4), flood).await;
                    let _: Result<Result<(), Error>, _> = flood;
                });
                futures::future::join_all(floods).await;
            })
            .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_of_very_many_packets_is_refused() {
    let target = Target::start(&[]).await;
    target
        .attack(20, async {
            let (polling, id) = begin_polling(&target).await;
            let session = format!("{polling}&sid={id}");
            let many = vec!["40/sync,"; 1_500].join("\u{1e}");
            let refused = target.http.post(&session).body(many).send().await.unwrap();
            assert_eq!(refused.status(), StatusCode::PAYLOAD_TOO_LARGE);
        })
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_session_id_of_a_client_is_not_sent_to_other_clients() {
    let target = Target::start(&[]).await;
    let order = "0190163d-8694-739b-aea5-966c26f8ad91";
    let mut watcher = join(&target).await;
    let watch = format!("42/sync,[\"WATCH\",{{\"orders\":[\"{order}\"]}}]");
    watcher.send(Message::text(watch)).await.unwrap();
    let (polling, id) = begin_polling(&target).await;
    let send = async |body: String| {
        let url = format!("{polling}&sid={id}");
        target.http.post(url).body(body).send().await.unwrap();
    };
    send("40/sync,".to_owned()).await;
    // The client has joined the namespace when the answer arrives.
    let joined = async {
        loop {
            let polled = target.http.get(format!("{polling}&sid={id}"));
            let packets = polled.send().await.unwrap().text().await.unwrap();
            if packets.contains("40/sync,") {
                return;
            }
        }
    };
    timeout(Duration::from_secs(10), joined).await.unwrap();
    send(format!(
        "42/sync,[\"PRESENT\",{{\"order\":\"{order}\",\"doing\":\"viewing\",\"name\":\"Ada\"}}]"
    ))
    .await;
    let received = async {
        loop {
            let message = watcher.next().await.unwrap().unwrap();
            let message = message.to_text().unwrap().to_owned();
            if message.contains("Ada") {
                return message;
            }
        }
    };
    let received = timeout(Duration::from_secs(10), received).await.unwrap();
    assert!(!received.contains(&id), "{received}");
}
