//! A server that only broadcasts.

use std::net::SocketAddr;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use serde_json::Value;
use socketioxide::SocketIo;
use socketioxide::extract::SocketRef;

use super::serve;

/// Broadcasts orders posted to `/emit` to the clients of the namespace `/sync`.
pub async fn run(address: SocketAddr) -> anyhow::Result<()> {
    let (layer, io) = SocketIo::new_layer();
    io.ns("/sync", async |socket: SocketRef| socket.join("sync"));
    let app = Router::new()
        .route("/emit", post(emit))
        .with_state(io)
        .layer(layer);
    serve(address, app).await
}

async fn emit(State(io): State<SocketIo>, body: String) -> StatusCode {
    let (Some(namespace), Ok(order)) = (io.of("/sync"), serde_json::from_str::<Value>(&body))
    else {
        return StatusCode::BAD_REQUEST;
    };
    match namespace.to("sync").emit("ORDER_SYNCED", &order).await {
        Ok(()) => StatusCode::OK,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}
