use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use socketioxide::SocketIo;
use socketioxide::extract::SocketRef;
use tokio::net::TcpListener;

use super::{Clients, SendTimes};

#[tokio::test]
async fn every_client_receives_every_order_in_frames_of_any_size() {
    let (layer, io) = SocketIo::builder()
        .ping_interval(Duration::from_millis(20))
        .ping_timeout(Duration::from_millis(500))
        .build_layer();
    io.ns("/sync", async |socket: SocketRef| socket.join("sync"));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = axum::Router::new().layer(layer);
    tokio::spawn(async move { axum::serve(listener, app).await });

    let send_times = Arc::new(SendTimes::new(100, 3));
    let clients = Clients::connect(address, 7, 2, &json!({}), &send_times)
        .await
        .unwrap();
    // In this time pings are sent and must be answered.
    tokio::time::sleep(Duration::from_millis(700)).await;

    for (order, size) in [(0, 10), (1, 70_000), (2, 1_000_000)] {
        send_times.record(order, Instant::now());
        let id = (100 + order).to_string();
        let data = json!({"notes": "x".repeat(size), "shopifyOrderId": id});
        let room = io.of("/sync").unwrap();
        room.to("sync").emit("ORDER_SYNCED", &data).await.unwrap();
    }
    clients.wait_for(21).await;
    let received = clients.disconnect().unwrap();
    assert_eq!(received.orders, [3; 7]);
    assert_eq!((received.events, received.latencies.count()), (21, 21));
}

#[tokio::test]
async fn clients_that_cannot_connect_are_an_error() {
    let send_times = Arc::new(SendTimes::new(0, 0));
    let address = "127.0.0.1:1".parse().unwrap();
    let clients = Clients::connect(address, 3, 1, &json!({}), &send_times).await;
    assert!(clients.is_err());
}
