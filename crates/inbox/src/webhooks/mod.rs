//! `POST /webhooks/shopify`: verifies a webhook, commits it to the inbox and acknowledges
//! it. Only then may Shopify forget it.

mod count;
mod verified;

use axum::extract::{DefaultBodyLimit, State};
use axum::middleware::from_fn;
use axum::{Extension, Json};
use channels::adapter;
use domain::channels::account::ChannelAccount;
use domain::wire::{WebhookReceipt, WebhookStatus};
use platform::db::{new_id, now};
use platform::http::error::Result;
use platform::http::problem::ProblemResponse;
use platform::telemetry::traces;
use tokio::time::timeout_at;
use tracing::{Instrument, info, info_span};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::deliveries::entity::DeliveryState;
use crate::deliveries::{NewDelivery, Stored};
use crate::error::{InboxError, NotStored};
use crate::handle::{ANSWER_TIMEOUT, Inbox};
use count::{WebhookOutcome, count_webhook};
pub use verified::VerifiedWebhook;

/// The largest webhook body, in bytes. Shopify's orders have 10-20 kB; large ones with
/// hundreds of line items stay well below the limit.
pub const MAX_BODY: usize = 1024 * 1024;

/// The webhook endpoint.
pub fn routes() -> OpenApiRouter<Inbox> {
    OpenApiRouter::new()
        .routes(routes!(receive))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(from_fn(count_webhook))
}

/// The headers of a webhook for the `OpenAPI` document; [`VerifiedWebhook`] reads them.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "read from the request")]
struct Headers {
    /// base64 HMAC-SHA256 of the raw body.
    #[param(rename = "X-Shopify-Hmac-Sha256")]
    hmac: String,
    /// Such as orders/create.
    #[param(
        rename = "X-Shopify-Topic",
        max_length = 255,
        pattern = "^[!-~]([\\t -~]{0,253}[!-~])?$"
    )]
    topic: String,
    /// Such as acme.myshopify.com.
    #[param(
        rename = "X-Shopify-Shop-Domain",
        pattern = "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.myshopify\\.com$"
    )]
    shop: String,
    /// The idempotency key.
    #[param(
        rename = "X-Shopify-Webhook-Id",
        max_length = 255,
        pattern = "^[!-~]([\\t -~]{0,253}[!-~])?$"
    )]
    webhook_id: String,
    /// The time of the event.
    #[param(value_type = String, required = false, rename = "X-Shopify-Triggered-At")]
    triggered_at: Option<String>,
}

/// Receives a Shopify webhook.
///
/// An acknowledged webhook is durable. A webhook that is signed but rejected is recorded
/// too.
#[utoipa::path(post, path = "/webhooks/shopify", tag = "webhooks",
    params(Headers),
    request_body(content = Object, content_type = "application/json", description = "The payload, at most 1 MiB"),
    responses(
        (status = 200, body = WebhookReceipt, description = "Stored"),
        (status = 400, response = ProblemResponse), (status = 401, response = ProblemResponse), (status = 403, response = ProblemResponse), (status = 413, response = ProblemResponse), (status = 422, response = ProblemResponse), (status = 503, response = ProblemResponse)
    )
)]
pub async fn receive(
    State(inbox): State<Inbox>,
    webhook: VerifiedWebhook,
) -> Result<(Extension<WebhookOutcome>, Json<WebhookReceipt>)> {
    let deadline = webhook.arrived + ANSWER_TIMEOUT;
    let admitted = timeout_at(deadline, inbox.0.shops.admit(&webhook.shop)).await;
    admitted.map_err(|_| NotStored::Late)??;
    let account = ChannelAccount::shopify(webhook.shop);
    let parsed = adapter::parse(&account, &webhook.topic, &webhook.body);
    let (delivery_state, event, rejection) = match parsed {
        None => (DeliveryState::Ignored, None, None),
        Some(Ok(event)) => (DeliveryState::Pending, Some(event), None),
        Some(Err(rejection)) => (DeliveryState::Rejected, None, Some(rejection)),
    };
    let sent_topic = webhook.topic.clone();
    let id = new_id();
    let delivery = NewDelivery {
        id,
        account,
        webhook_id: webhook.webhook_id,
        topic: webhook.topic,
        triggered_at: webhook.triggered_at,
        received_at: now(),
        state: delivery_state,
        error: rejection.as_ref().map(ToString::to_string),
        event,
        payload: webhook.body.into(),
    };
    let span = info_span!("webhook", delivery.id = %id);
    traces::join(&span, id);
    let stored = inbox.store(delivery, deadline).instrument(span).await?;
    let (delivery_id, duplicate) = match stored {
        Stored::New(id) => (id, false),
        Stored::Duplicate(id) => (id, true),
    };
    info!(delivery.id = %delivery_id, topic = sent_topic, ?delivery_state, duplicate, "webhook received");
    if let Some(reason) = rejection {
        return Err(InboxError::NotAnOrder {
            reason: reason.to_string(),
            delivery_id,
        }
        .into());
    }
    let status = match delivery_state {
        _ if duplicate => WebhookStatus::Duplicate,
        DeliveryState::Ignored => WebhookStatus::Ignored,
        _ => WebhookStatus::Accepted,
    };
    let outcome = match status {
        WebhookStatus::Accepted => "accepted",
        WebhookStatus::Duplicate => "duplicate",
        WebhookStatus::Ignored => "ignored",
    };
    let receipt = WebhookReceipt {
        status,
        delivery_id,
    };
    Ok((Extension(WebhookOutcome(outcome)), Json(receipt)))
}
