//! The proof, as a type, that a webhook came from the channel: a handler can
//! only receive one whose raw bytes were verified.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use chrono::{DateTime, SubsecRound, Utc};
use tracing::warn;

use super::MAX_BODY;
use crate::error::Error;
use crate::state::AppState;

/// The longest header value taken, in bytes.
const MAX_HEADER: usize = 255;

/// A webhook whose signature matches its body.
#[derive(Debug)]
pub struct VerifiedWebhook {
    /// `Topic`
    pub topic: String,
    /// `Shop-Domain`
    pub shop: String,
    /// `Webhook-Id`: the idempotency key.
    pub webhook_id: String,
    /// `Triggered-At`; not signed, and optional.
    pub triggered_at: Option<DateTime<Utc>>,
    /// The raw body, byte for byte as signed.
    pub body: Bytes,
}

impl FromRequest<AppState> for VerifiedWebhook {
    type Rejection = Error;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Error> {
        let headers = request.headers().clone();
        // Without one there is nothing to verify, and no body worth reading.
        let signature = header(&headers, "hmac-sha256").ok_or(Error::Unsigned)?;
        let body =
            Bytes::from_request(request, state)
                .await
                .map_err(|rejection| match rejection.into_response().status() {
                    StatusCode::PAYLOAD_TOO_LARGE => Error::TooLarge { limit: MAX_BODY },
                    _ => Error::BadWebhook("the body could not be read".into()),
                })?;
        // Before anything else: a stranger learns nothing but this.
        if !state.secrets.verify(&body, signature) {
            warn!(bytes = body.len(), "webhook with a wrong signature");
            return Err(Error::Unsigned);
        }
        Ok(Self {
            topic: required(&headers, "topic")?,
            shop: required(&headers, "shop-domain")?,
            webhook_id: required(&headers, "webhook-id")?,
            triggered_at: header(&headers, "triggered-at").and_then(time),
            body,
        })
    }
}

/// Shopify's own prefix, or the one its events preview sends.
fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    ["x-shopify-", "shopify-"]
        .iter()
        .find_map(|prefix| headers.get(format!("{prefix}{name}")))
        .and_then(|value| value.to_str().ok())
        .map(str::trim)
        .filter(|value| !value.is_empty())
}

fn required(headers: &HeaderMap, name: &str) -> Result<String, Error> {
    match header(headers, name) {
        None => Err(Error::BadWebhook(format!(
            "header X-Shopify-{name} is missing"
        ))),
        Some(value) if value.len() > MAX_HEADER => Err(Error::BadWebhook(format!(
            "header X-Shopify-{name} is longer than {MAX_HEADER} bytes"
        ))),
        Some(value) => Ok(value.to_owned()),
    }
}

fn time(value: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(value)
        .ok()
        .map(|time| time.to_utc().trunc_subsecs(6))
}
