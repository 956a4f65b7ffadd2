//! A server that only verifies signatures.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::serve;

/// Answers webhooks that are signed with `secret` with 200.
pub async fn run(address: SocketAddr, secret: &str) -> anyhow::Result<()> {
    let key = Hmac::<Sha256>::new_from_slice(secret.as_bytes())?;
    let app = Router::new()
        .route("/webhooks/shopify", post(receive))
        .with_state(Arc::new(key));
    serve(address, app).await
}

async fn receive(
    State(key): State<Arc<Hmac<Sha256>>>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let signature = headers
        .get("x-shopify-hmac-sha256")
        .and_then(|value| STANDARD.decode(value).ok());
    let mut mac = Hmac::clone(&key);
    mac.update(&body);
    match signature {
        Some(signature) if mac.verify_slice(&signature).is_ok() => StatusCode::OK,
        _ => StatusCode::UNAUTHORIZED,
    }
}
