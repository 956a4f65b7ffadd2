use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use socketioxide::SocketIo;
use socketioxide::extract::SocketRef;
use tokio::net::TcpListener;

use super::{Board, Swarm};

#[tokio::test]
async fn every_client_hears_every_order_however_large_the_frame() {
    let (layer, io) = SocketIo::builder()
        .ping_interval(Duration::from_millis(20))
        .ping_timeout(Duration::from_millis(500))
        .build_layer();
    io.ns("/sync", async |socket: SocketRef| socket.join("sync"));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = axum::Router::new().layer(layer);
    tokio::spawn(async move { axum::serve(listener, app).await });

    let board = Arc::new(Board::new(100, 3));
    let swarm = Swarm::connect(address, 7, 2, &json!({}), &board)
        .await
        .unwrap();
    // Pings come and are answered meanwhile.
    tokio::time::sleep(Duration::from_millis(700)).await;

    for (order, size) in [(0, 10), (1, 70_000), (2, 1_000_000)] {
        board.sent(order, Instant::now());
        let id = (100 + order).to_string();
        let data = json!({"notes": "x".repeat(size), "shopifyOrderId": id});
        let room = io.of("/sync").unwrap();
        room.to("sync").emit("ORDER_SYNCED", &data).await.unwrap();
    }
    swarm.hears(21).await;
    let heard = swarm.finish().unwrap();
    assert_eq!(heard.orders, [3; 7]);
    assert_eq!((heard.events, heard.latencies.count()), (21, 21));
}

#[tokio::test]
async fn clients_that_cannot_connect_are_an_error() {
    let board = Arc::new(Board::new(0, 0));
    let address = "127.0.0.1:1".parse().unwrap();
    let swarm = Swarm::connect(address, 3, 1, &json!({}), &board).await;
    assert!(swarm.is_err());
}
