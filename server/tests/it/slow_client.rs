//! Live clients that do not read fast enough are disconnected; others receive everything.

use std::collections::HashSet;
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use reqwest::StatusCode;
use sea_orm::ConnectionTrait;
use serde_json::json;
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::helpers::{Backend, TestApp, order, webhook};

type Client = WebSocketStream<TcpStream>;

/// The number of tries: on a slow machine, a client that reads may look like a slow one in
/// all but one of them.
const TRIES: usize = 4;

/// A WebSocket with a small receive buffer.
async fn with_small_buffer(app: &TestApp, query: &str) -> Client {
    let address = app.url.strip_prefix("http://").unwrap();
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    let stream = socket.connect(address.parse().unwrap()).await.unwrap();
    let url = format!("ws://{address}/socket.io/?EIO=4&transport=websocket{query}");
    client_async(url, stream).await.unwrap().0
}

async fn read(client: &mut Client) -> String {
    let message = client.next().await.unwrap().unwrap();
    message.to_text().unwrap().to_owned()
}

/// A Socket.IO client of the namespace `/sync` that connects over a WebSocket.
async fn connect(app: &TestApp) -> Client {
    let mut client = with_small_buffer(app, "").await;
    assert!(read(&mut client).await.starts_with('0'));
    client.send(Message::text("40/sync,")).await.unwrap();
    // A change may arrive before the answer.
    while !read(&mut client).await.starts_with("40/sync,") {}
    client
}

/// A client that connects by polling and then upgrades to a WebSocket, as the standard
/// clients do.
async fn connect_by_polling(app: &TestApp) -> Client {
    let polling = "/socket.io/?EIO=4&transport=polling";
    let opened = app.get(polling).await.text().await.unwrap();
    let opened: serde_json::Value = serde_json::from_str(&opened[1..]).unwrap();
    let session = format!("&sid={}", opened["sid"].as_str().unwrap());
    let polling = format!("{polling}{session}");
    let join = app.http.post(format!("{}{polling}", app.url));
    join.body("40/sync,").send().await.unwrap();
    // A heartbeat or a change may arrive before the answer.
    let mut joined = String::new();
    for _ in 0..TRIES {
        joined = app.get(&polling).await.text().await.unwrap();
        if joined.contains("40/sync,") {
            break;
        }
    }
    assert!(joined.contains("40/sync,"), "{joined}");

    let mut client = with_small_buffer(app, &session).await;
    client.send(Message::text("2probe")).await.unwrap();
    assert_eq!(read(&mut client).await, "3probe");
    client.send(Message::text("5")).await.unwrap();
    client
}

/// The number of clients that were disconnected because they did not read.
async fn disconnected(app: &TestApp) -> f64 {
    let text = app.get("/metrics").await.text().await.unwrap();
    let line = text
        .lines()
        .find(|line| line.starts_with("orchestrator_sockets_cut_total"));
    line.and_then(|line| line.rsplit_once(' '))
        .map_or(0.0, |(_, value)| value.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_does_not_read_is_disconnected_and_the_others_are_served() {
    let app = TestApp::spawn(Backend::Sqlite).await;
    app.deliver(webhook("orders/create", &order(1, 0, json!({}))))
        .await;
    // When the machine stops for a moment, a client that reads looks slow too, but not in
    // every try.
    let mut served = [false; 2];
    for _ in 0..TRIES {
        served[0] = served[0] || is_disconnected(&app, connect(&app).await).await;
        served[1] = served[1] || is_disconnected(&app, connect_by_polling(&app).await).await;
    }
    assert_eq!(served, [true; 2], "the other client was disconnected too");
}

/// Sends changes until the client `slow`, which does not read, is disconnected. False if
/// the other client was disconnected.
async fn is_disconnected(app: &TestApp, mut slow: Client) -> bool {
    let before = disconnected(app).await;
    let mut quick = connect(app).await;
    let reader = tokio::spawn(async move {
        while let Some(Ok(message)) = quick.next().await {
            let text = message.to_text().unwrap_or_default();
            if text.contains("\"notes\":\"the end\"") {
                return true;
            }
            if text == "2" {
                quick.send(Message::text("3")).await.unwrap();
            }
        }
        false
    });

    let found = app.order().await;
    let (id, mut version) = (found.id.to_string(), found.version);
    let mut edit = async |notes: String| {
        let answer = app
            .put(&id, json!({"version": version, "notes": notes}))
            .await;
        assert_eq!(answer.status(), StatusCode::OK);
        version += 1;
    };
    let mut edits = 0;
    while disconnected(app).await <= before {
        for _ in 0..50 {
            edits += 1;
            let letter = if edits % 2 == 0 { "a" } else { "b" };
            edit(letter.repeat(5_000)).await;
        }
        assert!(edits < 10_000, "no client was disconnected");
    }
    edit("the end".to_owned()).await;

    if !reader.await.unwrap() {
        return false;
    }
    let mut read = 0;
    let to_the_end = async {
        while let Some(Ok(_)) = slow.next().await {
            read += 1;
        }
    };
    let ended = tokio::time::timeout(Duration::from_secs(10), to_the_end).await;
    assert!(ended.is_ok(), "the slow client is still connected");
    assert!(read < edits, "the slow client missed nothing");
    true
}

/// More changes at once than the server queues for a client, as when changes were not
/// broadcast before a crash.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_reads_receives_every_order_of_a_burst() {
    const ORDERS: u64 = 800;
    let app = TestApp::spawn(Backend::Sqlite).await;
    let sent = (1..=ORDERS).map(|id| webhook("orders/create", &order(id, 0, json!({}))));
    let sent: Vec<_> = futures::stream::iter(sent)
        .map(async |webhook| webhook.send(&app).await)
        .buffer_unordered(100)
        .collect()
        .await;
    assert!(sent.iter().all(|sent| sent.status() == StatusCode::OK));
    app.drained().await;
    app.until("everything was broadcast", async || {
        let mut events = app.events().await.into_iter();
        events.all(|event| event.broadcast_at.is_some())
    })
    .await;

    let mut client = connect(&app).await;
    let forget = "UPDATE order_events SET broadcast_at = NULL";
    app.db.execute_unprepared(forget).await.unwrap();
    let reader = async {
        let mut heard = HashSet::new();
        while (heard.len() as u64) < ORDERS {
            let message = client
                .next()
                .await
                .expect("the connection was closed")
                .unwrap();
            let text = message.to_text().unwrap_or_default();
            if text == "2" {
                client.send(Message::text("3")).await.unwrap();
            }
            if let Some((_, order)) = text.split_once("\"shopifyOrderId\":\"") {
                heard.insert(order.split('"').next().unwrap().to_owned());
            }
        }
    };
    let heard = tokio::time::timeout(Duration::from_secs(30), reader).await;
    assert!(heard.is_ok(), "orders went missing");
}
