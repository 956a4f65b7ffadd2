use std::net::SocketAddr;

use serde_json::{Value, json};
use socketioxide::SocketIo;
use socketioxide::extract::{Data, SocketRef, TryData};
use tokio::net::TcpListener;

use super::{SocketError, SyncClient};

/// A server that echoes `auth` when a client connects, and then its events; it
/// disconnects a client whose `auth` requests that.
async fn echo() -> SocketAddr {
    let (layer, io) = SocketIo::new_layer();
    let on_connect = async |socket: SocketRef, TryData(auth): TryData<Value>| {
        if auth.as_ref().is_ok_and(|auth| auth["leave"] == true) {
            let _ = socket.clone().disconnect();
            return;
        }
        let _ = socket.emit("HELLO", &auth.unwrap_or_default());
        socket.on("SAY", async |socket: SocketRef, Data::<Value>(data)| {
            let _ = socket.emit("SAID", &data);
        });
    };
    io.ns("/sync", on_connect);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = axum::Router::new().layer(layer);
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

#[tokio::test]
async fn a_client_connects_receives_and_sends() {
    let url = format!("http://{}", echo().await);
    let mut client = SyncClient::connect(&url, json!({"batch": true}))
        .await
        .unwrap();
    let hello = client.next().await.unwrap();
    assert_eq!(hello.name, "HELLO");
    assert_eq!(hello.json::<Value>().unwrap(), json!({"batch": true}));
    client.emit("SAY", &json!({"a": [1, 2]})).await.unwrap();
    let said = client.next().await.unwrap();
    assert_eq!(
        (said.name.as_str(), said.data.get()),
        ("SAID", "{\"a\":[1,2]}")
    );
}

#[tokio::test]
async fn a_closed_connection_is_an_error() {
    let url = format!("http://{}", echo().await);
    let mut client = SyncClient::connect(&url, json!({"leave": true}))
        .await
        .unwrap();
    assert!(matches!(client.next().await, Err(SocketError::Closed)));
}

#[tokio::test]
async fn an_unreachable_server_is_an_error() {
    let connected = SyncClient::connect("http://127.0.0.1:1", json!({})).await;
    assert!(matches!(connected, Err(SocketError::WebSocket(_))));
}
