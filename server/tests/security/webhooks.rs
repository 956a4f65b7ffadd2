//! Webhooks as Shopify sends them, from an address of their own, during an attack.

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::target::{SECRET, Target};

/// Pause between two webhooks.
const PAUSE: Duration = Duration::from_millis(25);

/// The longest time to an acknowledgement. Shopify gives up after five seconds, but the
/// limit cannot be much lower, because a slow machine must not fail the tests.
const IN_TIME: Duration = Duration::from_secs(2);

/// The body of an order.
pub fn order(id: u64) -> Value {
    json!({
        "id": id, "name": format!("#{id}"), "currency": "USD", "total_price": "42.00",
        "created_at": "2026-01-01T12:00:00Z", "updated_at": "2026-01-01T12:00:00Z",
        "financial_status": "paid", "line_items": [{"quantity": 1}],
    })
}

/// A signed webhook.
pub fn webhook(
    http: &Client,
    target: &Target,
    topic: &str,
    shop: &str,
    body: &Value,
) -> RequestBuilder {
    let body = body.to_string();
    http.post(format!("{}/webhooks/shopify", target.url))
        .header("X-Shopify-Topic", topic)
        .header("X-Shopify-Shop-Domain", shop)
        .header("X-Shopify-Webhook-Id", Uuid::new_v4().to_string())
        .header(
            "X-Shopify-Hmac-Sha256",
            simulator::sign(SECRET.as_bytes(), body.as_bytes()),
        )
        .body(body)
}

/// Webhooks that are being sent.
pub struct Webhooks {
    stop: CancellationToken,
    sending: JoinHandle<Acknowledged>,
}

/// The time to the acknowledgement of each webhook; `None` if it was not acknowledged.
pub struct Acknowledged(Vec<Option<Duration>>);

impl Webhooks {
    /// Sends webhooks until `stop` is called.
    pub fn send(target: &Target) -> Self {
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let shopify = Client::builder()
            .local_address(Some(Ipv4Addr::new(127, 0, 0, 2).into()))
            .timeout(Duration::from_secs(5));
        let shopify = shopify.build().unwrap();
        let request = webhook(&shopify, target, "orders/create", SHOP, &order(1));
        let sending = tokio::spawn(async move {
            let mut took = Vec::new();
            while !stopped.is_cancelled() {
                let mut request = request.try_clone().unwrap();
                request = request.header("X-Shopify-Webhook-Id", Uuid::new_v4().to_string());
                let started = Instant::now();
                let answer = request.send().await;
                let is_acknowledged = answer.is_ok_and(|answer| answer.status() == StatusCode::OK);
                took.push(is_acknowledged.then(|| started.elapsed()));
                tokio::time::sleep(PAUSE).await;
            }
            Acknowledged(took)
        });
        Self { stop, sending }
    }

    pub async fn stop(self) -> Acknowledged {
        self.stop.cancel();
        self.sending.await.unwrap()
    }
}

/// The shop of these webhooks.
const SHOP: &str = "acme.myshopify.com";

impl Acknowledged {
    /// Fails unless every webhook was acknowledged, and 99 of 100 of them in time.
    pub fn are_acknowledged_in_time(self) {
        let sent = self.0.len();
        let mut took: Vec<Duration> = self.0.into_iter().flatten().collect();
        assert!(sent > 0, "no webhook was sent");
        assert_eq!(took.len(), sent, "webhooks were refused");
        took.sort_unstable();
        let p99 = took[(sent - 1) * 99 / 100];
        assert!(p99 < IN_TIME, "p99 {p99:?} of {sent} webhooks");
    }
}
