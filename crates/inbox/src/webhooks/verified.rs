//! The type of a verified webhook. A handler can receive a webhook only as this type, so
//! that no webhook is processed without the check of its signature.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use chrono::{DateTime, Utc};
use domain::channels::shop::{NotAShop, ShopDomain};
use domain::time;
use platform::http::error::Error;
use platform::http::refusal::Refusal;
use tokio::time::Instant;
use tracing::warn;

use crate::error::InboxError;
use crate::handle::Inbox;

/// The longest accepted header value, in bytes.
const MAX_HEADER: usize = 255;

/// A webhook whose signature matches its body.
#[derive(Debug)]
pub struct VerifiedWebhook {
    /// Header `Topic`.
    pub topic: String,
    /// When its headers had arrived.
    pub arrived: Instant,
    /// Header `Shop-Domain`.
    pub shop: ShopDomain,
    /// Header `Webhook-Id`: the idempotency key.
    pub webhook_id: String,
    /// Header `Triggered-At`; not signed, and optional.
    pub triggered_at: Option<DateTime<Utc>>,
    /// The raw body, byte for byte as signed.
    pub body: Bytes,
}

impl FromRequest<Inbox> for VerifiedWebhook {
    type Rejection = Error;

    async fn from_request(mut request: Request, inbox: &Inbox) -> Result<Self, Error> {
        let arrived = Instant::now();
        let headers = std::mem::take(request.headers_mut());
        // A webhook without a signature is refused before its body is read.
        let signature = header(&headers, HMAC).ok_or(InboxError::Unsigned)?;
        let body =
            Bytes::from_request(request, inbox)
                .await
                .map_err(|rejection| match rejection.into_response().status() {
                    StatusCode::PAYLOAD_TOO_LARGE => Error::from(Refusal::BodyTooLarge),
                    _ => InboxError::BadWebhook("the body could not be read".into()).into(),
                })?;
        // Checked before the other headers, so that an unsigned request gets no other
        // error than this one.
        if !inbox.0.secrets.verify(&body, signature) {
            warn!(bytes = body.len(), "webhook with a wrong signature");
            return Err(InboxError::Unsigned.into());
        }
        Ok(Self {
            topic: required(&headers, TOPIC)?,
            arrived,
            shop: required(&headers, SHOP)?.parse().map_err(|_| {
                let name = SHOP[0];
                InboxError::BadWebhook(format!("header {name} names no shop: {NotAShop}"))
            })?,
            webhook_id: required(&headers, WEBHOOK_ID)?,
            triggered_at: header(&headers, TRIGGERED_AT).and_then(time::parse),
            body,
        })
    }
}

/// The names of a header: with the prefix of Shopify's webhooks, or with the prefix of
/// its events preview.
type Header = [&'static str; 2];

const HMAC: Header = ["x-shopify-hmac-sha256", "shopify-hmac-sha256"];
const TOPIC: Header = ["x-shopify-topic", "shopify-topic"];
const SHOP: Header = ["x-shopify-shop-domain", "shopify-shop-domain"];
const WEBHOOK_ID: Header = ["x-shopify-webhook-id", "shopify-webhook-id"];
const TRIGGERED_AT: Header = ["x-shopify-triggered-at", "shopify-triggered-at"];

fn header(headers: &HeaderMap, names: Header) -> Option<&str> {
    names
        .iter()
        .find_map(|name| headers.get(*name))
        .and_then(|value| value.to_str().ok())
        .map(str::trim)
        .filter(|value| !value.is_empty())
}

fn required(headers: &HeaderMap, names: Header) -> Result<String, InboxError> {
    let name = names[1].trim_start_matches("shopify-");
    match header(headers, names) {
        None => Err(InboxError::BadWebhook(format!(
            "header X-Shopify-{name} is missing"
        ))),
        Some(value) if value.len() > MAX_HEADER => Err(InboxError::BadWebhook(format!(
            "header X-Shopify-{name} is longer than {MAX_HEADER} bytes"
        ))),
        Some(value) => Ok(value.to_owned()),
    }
}
