//! Puts a delivery on the wire as Shopify does.

use std::{sync::Arc, time::Duration};

use chrono::SecondsFormat;
use reqwest::{Client, StatusCode, redirect::Policy};
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Builder;

use crate::{delivery::Delivery, signature::sign};

/// Where webhooks are posted, below the server's base URL.
pub const WEBHOOK_PATH: &str = "/webhooks/shopify";
/// The `X-Shopify-API-Version` of every delivery.
pub const API_VERSION: &str = "2026-07";
/// Shopify waits one second for a connection and five for the whole answer.
const CONNECT: Duration = Duration::from_secs(1);
const ANSWER: Duration = Duration::from_secs(5);

/// How the server took a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Taken in; also any success whose body names no other outcome.
    Accepted,
    /// Known already by its webhook id.
    Duplicate,
    /// Understood, and of no interest to the server.
    Ignored,
    /// Refused for good, with this 4xx status: sending it again would not help.
    Rejected(u16),
}

/// Why a delivery did not get through; worth another try.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// No connection, no answer in time, or an answer that broke off.
    #[error("the server cannot be reached: {0}")]
    Connection(#[from] reqwest::Error),
    /// The server answered, but not now: 5xx, 408, 429 or a redirect.
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
    /// A sender to `url`, the server's base such as `http://127.0.0.1:9000`, signing with
    /// `secret` and using the caller's HTTP client.
    pub fn new(url: &str, secret: &[u8], http: Client) -> Self {
        let endpoint = format!("{}{WEBHOOK_PATH}", url.trim_end_matches('/')).into();
        Self {
            endpoint,
            secret: secret.into(),
            http,
        }
    }

    /// Like [`Sender::new`], with an HTTP client as patient as Shopify's: one second to
    /// connect, five in all, and no following of redirects.
    pub fn connect(url: &str, secret: &[u8]) -> Result<Self, SendError> {
        let http = Client::builder()
            .connect_timeout(CONNECT)
            .redirect(Policy::none())
            .build()?;
        Ok(Self::new(url, secret, http))
    }

    /// Sends one delivery, once.
    pub async fn send(&self, delivery: &Delivery) -> Result<Outcome, SendError> {
        let triggered_at = delivery
            .triggered_at
            .to_rfc3339_opts(SecondsFormat::Nanos, true);
        let answer = self
            .http
            .post(&*self.endpoint)
            .timeout(ANSWER)
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

/// Shopify looks at nothing but the status; the body is our server's courtesy.
fn outcome(body: &[u8]) -> Outcome {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    match body["status"].as_str() {
        Some("duplicate") => Outcome::Duplicate,
        Some("ignored") => Outcome::Ignored,
        _ => Outcome::Accepted,
    }
}

/// The merchant's action behind a delivery: another id, the same for all its copies.
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
    fn the_body_of_a_success_tells_the_outcome() {
        assert_eq!(
            outcome(br#"{"status":"accepted","version":3}"#),
            Outcome::Accepted
        );
        assert_eq!(outcome(br#"{"status":"duplicate"}"#), Outcome::Duplicate);
        assert_eq!(outcome(br#"{"status":"ignored"}"#), Outcome::Ignored);
        assert_eq!(outcome(b""), Outcome::Accepted);
    }

    #[test]
    fn copies_of_a_delivery_share_an_event_id_of_their_own() {
        assert_eq!(event_id("a"), event_id("a"));
        assert_ne!(event_id("a"), event_id("b"));
        assert_eq!(event_id("a").len(), 36);
    }
}
