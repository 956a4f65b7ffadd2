//! Webhooks as Shopify sends them.

use reqwest::Response;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{SECRET, TestApp};

/// A webhook about to be sent.
#[derive(Clone)]
pub struct Webhook {
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

/// A correctly signed webhook with a webhook id of its own.
pub fn webhook(topic: &str, body: &Value) -> Webhook {
    Webhook::raw(topic, body.to_string())
}

impl Webhook {
    pub fn raw(topic: &str, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        Self {
            headers: vec![
                ("X-Shopify-Topic", topic.to_owned()),
                ("X-Shopify-Shop-Domain", "acme.myshopify.com".to_owned()),
                ("X-Shopify-Webhook-Id", Uuid::new_v4().to_string()),
                (
                    "X-Shopify-Hmac-Sha256",
                    simulator::sign(SECRET.as_bytes(), &body),
                ),
            ],
            body,
        }
    }

    /// Replaces a header, or adds it.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self = self.without(name);
        self.headers.push((name, value.into()));
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self
    }

    pub async fn send(&self, app: &TestApp) -> Response {
        let url = format!("{}/webhooks/shopify", app.url);
        let mut request = app.http.post(url).body(self.body.clone());
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        request.send().await.unwrap()
    }
}

/// A small order payload: `seconds` moves its `updated_at`.
pub fn order(id: u64, seconds: u32, fields: Value) -> Value {
    let minute = seconds / 60;
    let mut payload = json!({
        "id": id,
        "name": format!("#{id}"),
        "created_at": "2026-01-01T12:00:00Z",
        "updated_at": format!("2026-01-01T12:{minute:02}:{:02}Z", seconds % 60),
        "currency": "USD",
        "total_price": "42.00",
        "financial_status": "pending",
        "fulfillment_status": null,
        "line_items": [{"quantity": 2}, {"quantity": 1}],
        "customer": {"first_name": "Ada", "last_name": "Byron", "email": "ada@example.com"},
    });
    for (name, value) in fields.as_object().unwrap() {
        payload[name] = value.clone();
    }
    payload
}
