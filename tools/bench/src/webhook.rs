//! Signed webhooks, as the bytes of HTTP requests.

use std::io::Write;
use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use simulator::{DEFAULT_SHOP, WEBHOOK_PATH, sign};
use uuid::Uuid;

use crate::payload::{OrderEvent, Size, Template};

/// The number of different sizes of real payloads.
const VARIANTS: usize = 3;

/// How many orders are placed before the first of them is paid: by then, even a
/// loaded server has applied it.
const PAYMENT_LAG: u64 = 1_000;

/// The events of every order in a sequence of webhooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifecycle {
    /// Every webhook is a new order.
    Placed,
    /// Every order is placed, and later paid: half of the webhooks insert, half update.
    PlacedAndPaid,
}

/// An endless, numbered sequence of signed webhooks; cheap to clone.
#[derive(Debug, Clone)]
pub struct Webhooks(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    secret: String,
    first_order: u64,
    lifecycle: Lifecycle,
    run: u64,
    placed: Vec<Template>,
    paid: Vec<Template>,
    triggered_at: String,
}

impl Webhooks {
    /// Creates webhooks about the orders from `first_order` on.
    pub fn new(secret: &str, size: Size, lifecycle: Lifecycle, first_order: u64) -> Self {
        let placed_at = Utc::now() - TimeDelta::minutes(1);
        let templates = |event| {
            (0..VARIANTS)
                .map(|variant| Template::new(size, event, variant, placed_at))
                .collect()
        };
        Self(Arc::new(Inner {
            secret: secret.to_owned(),
            first_order,
            lifecycle,
            // Two runs with the same orders must have different webhook ids.
            run: run_id(),
            placed: templates(OrderEvent::Placed),
            paid: templates(OrderEvent::Paid),
            triggered_at: rfc3339(placed_at + TimeDelta::seconds(45)),
        }))
    }

    /// Returns the event of the webhook with this number, and its order, counted
    /// from the first.
    pub fn event(&self, number: u64) -> (OrderEvent, u64) {
        match self.0.lifecycle {
            Lifecycle::Placed => (OrderEvent::Placed, number),
            Lifecycle::PlacedAndPaid => {
                let (block, at) = (number / (2 * PAYMENT_LAG), number % (2 * PAYMENT_LAG));
                if at < PAYMENT_LAG {
                    (OrderEvent::Placed, block * PAYMENT_LAG + at)
                } else {
                    (OrderEvent::Paid, block * PAYMENT_LAG + at - PAYMENT_LAG)
                }
            }
        }
    }

    /// Returns the number of orders in the first `count` webhooks, rounded up as by
    /// [`Webhooks::round_up`]; each of them ends with [`Webhooks::last_event`].
    pub fn orders(&self, count: u64) -> u64 {
        match self.0.lifecycle {
            Lifecycle::Placed => count,
            Lifecycle::PlacedAndPaid => count.div_ceil(2 * PAYMENT_LAG) * PAYMENT_LAG,
        }
    }

    /// Rounds a number of webhooks up, so that every order has all of its events.
    pub fn round_up(&self, count: u64) -> u64 {
        match self.0.lifecycle {
            Lifecycle::Placed => count,
            Lifecycle::PlacedAndPaid => count.div_ceil(2 * PAYMENT_LAG) * 2 * PAYMENT_LAG,
        }
    }

    /// The last event of every order.
    pub fn last_event(&self) -> OrderEvent {
        match self.0.lifecycle {
            Lifecycle::Placed => OrderEvent::Placed,
            Lifecycle::PlacedAndPaid => OrderEvent::Paid,
        }
    }

    /// The Shopify id of the first order.
    pub fn first_id(&self) -> u64 {
        crate::payload::FIRST_ID + self.0.first_order
    }

    /// Writes the body of the webhook with this number, replacing the content of
    /// `out`, and returns its topic.
    pub fn write_body(&self, number: u64, out: &mut Vec<u8>) -> &'static str {
        let (event, order) = self.event(number);
        let (templates, topic) = match event {
            OrderEvent::Placed => (&self.0.placed, "orders/create"),
            OrderEvent::Paid => (&self.0.paid, "orders/paid"),
        };
        let template = &templates[usize::try_from(order).unwrap_or_default() % VARIANTS];
        out.clear();
        template.write(self.0.first_order + order, out);
        topic
    }

    /// Writes the webhook with this number, replacing the content of `out`.
    pub fn write(&self, number: u64, out: &mut Vec<u8>) {
        let inner = &*self.0;
        // The body is written first, because the head contains its signature, and then
        // moved behind the head, which is cheaper than a second buffer.
        let topic = self.write_body(number, out);
        let signature = sign(inner.secret.as_bytes(), out);
        let mut head = [0_u8; 512];
        let mut rest = head.as_mut_slice();
        let written = write!(
            rest,
            "POST {WEBHOOK_PATH} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
             x-shopify-topic: {topic}\r\nx-shopify-hmac-sha256: {signature}\r\n\
             x-shopify-shop-domain: {DEFAULT_SHOP}\r\n\
             x-shopify-webhook-id: {:016x}-{number:016x}\r\n\
             x-shopify-triggered-at: {}\r\ncontent-length: {}\r\n\r\n",
            inner.run,
            inner.triggered_at,
            out.len(),
        );
        debug_assert!(written.is_ok(), "the head fits the buffer");
        let left = rest.len();
        let length = head.len() - left;
        out.splice(0..0, head[..length].iter().copied());
    }
}

/// Returns a different id for every run.
fn run_id() -> u64 {
    let (time, random) = Uuid::now_v7().as_u64_pair();
    time.rotate_left(32) ^ random
}

fn rfc3339(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests;
