//! Sends a delivery as Shopify does.

use std::{sync::Arc, time::Duration};

use chrono::SecondsFormat;
use reqwest::{Client, StatusCode, redirect::Policy};
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Builder;

use crate::{delivery::Delivery, signature::sign};

/// The path of the webhook endpoint, below the server's base URL.
pub const WEBHOOK_PATH: &str = "/webhooks/shopify";
/// The `X-Shopify-API-Version` of every delivery.
const API_VERSION: &str = "2026-07";
/// Shopify waits one second for a connection and five for the whole answer.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
const TIMEOUT: Duration = Duration::from_secs(5);

/// How the server answered a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Accepted; also any success whose body names no other outcome.
    Accepted,
    /// The webhook id was already known.
    Duplicate,
    /// Understood but not used by the server.
    Ignored,
    /// Refused permanently, with this 4xx status: sending it again would not help.
    Rejected(u16),
}

/// Why a delivery failed; it should be sent again.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// No connection, no answer in time, or an incomplete answer.
    #[error("the server cannot be reached: {0}")]
    Connection(#[from] reqwest::Error),
    /// The server answered with a temporary failure: 5xx, 408, 429 or a redirect.
    #[error("the server answered {0}")]
    Status(u16),
}

/// Signs deliveries and posts them to one server. Cheap to clone.
#[derive(Clone)]
pub struct Sender {
    endpoint: Arc<str>,
    secret: Arc<[u8]>,
    http: Client,
}

impl Sender {
    /// Creates a sender to `url`, the server's base URL such as `http://127.0.0.1:9000`, that
    /// signs with `secret`. It has Shopify's timeouts (one second to connect, five in total)
    /// and does not follow redirects.
    pub fn connect(url: &str, secret: &[u8]) -> Result<Self, SendError> {
        let http = Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .redirect(Policy::none())
            .build()?;
        Ok(Self {
            endpoint: format!("{}{WEBHOOK_PATH}", url.trim_end_matches('/')).into(),
            secret: secret.into(),
            http,
        })
    }

    /// Sends one delivery, once.
    pub async fn send(&self, delivery: &Delivery) -> Result<Outcome, SendError> {
        let triggered_at = delivery
            .triggered_at
            .to_rfc3339_opts(SecondsFormat::Nanos, true);
        let answer = self
            .http
            .post(&*self.endpoint)
            .timeout(TIMEOUT)
            .header("Content-Type", "application/json")
            .header("X-Shopify-Topic", delivery.topic)
            .header("X-Shopify-Hmac-Sha256", sign(&self.secret, &delivery.body))
            .header("X-Shopify-Shop-Domain", &delivery.shop)
            .header("X-Shopify-Webhook-Id", &delivery.webhook_id)
            .header("X-Shopify-Event-Id", event_id(&delivery.webhook_id))
            .header("X-Shopify-Triggered-At", triggered_at)
            .header("X-Shopify-API-Version", API_VERSION)
            .body(delivery.body.clone())
            .send()
            .await?;
        let status = answer.status();
        if status.is_success() {
            return Ok(outcome(&answer.bytes().await?));
        }
        let later = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS];
        if status.is_client_error() && !later.contains(&status) {
            return Ok(Outcome::Rejected(status.as_u16()));
        }
        Err(SendError::Status(status.as_u16()))
    }
}

/// Reads the outcome from the body. Shopify only uses the status; the body is an addition of
/// our server.
fn outcome(body: &[u8]) -> Outcome {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    match body["status"].as_str() {
        Some("duplicate") => Outcome::Duplicate,
        Some("ignored") => Outcome::Ignored,
        _ => Outcome::Accepted,
    }
}

/// The `X-Shopify-Event-Id`: differs from the webhook id, and is the same for all duplicates.
fn event_id(webhook_id: &str) -> String {
    let mut id = [0; 16];
    for (to, from) in id.iter_mut().zip(Sha256::digest(webhook_id)) {
        *to = from;
    }
    Builder::from_random_bytes(id).into_uuid().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_of_a_success_names_the_outcome() {
        assert_eq!(
            outcome(br#"{"status":"accepted","version":3}"#),
            Outcome::Accepted
        );
        assert_eq!(outcome(br#"{"status":"duplicate"}"#), Outcome::Duplicate);
        assert_eq!(outcome(br#"{"status":"ignored"}"#), Outcome::Ignored);
        assert_eq!(outcome(b""), Outcome::Accepted);
    }

    #[test]
    fn duplicates_of_a_delivery_have_the_same_event_id() {
        assert_eq!(event_id("a"), event_id("a"));
        assert_ne!(event_id("a"), event_id("b"));
        assert_eq!(event_id("a").len(), 36);
    }
}
