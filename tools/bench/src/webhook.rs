//! Signed webhooks, as bytes for the wire.

use std::io::Write;
use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use simulator::{DEFAULT_SHOP, WEBHOOK_PATH, sign};
use uuid::Uuid;

use crate::payload::{News, Size, Template};

/// Sizes a run of real payloads alternates between.
const VARIANTS: usize = 3;

/// How many orders are placed before the first of them is paid: in between,
/// even a busy server has applied it.
const LAG: u64 = 1_000;

/// What a run of webhooks tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Story {
    /// Every webhook is a new order.
    Placed,
    /// Every order is placed, and later paid: half the webhooks insert, half update.
    PlacedAndPaid,
}

/// An endless, numbered supply of signed webhooks; cheap to clone and share.
#[derive(Debug, Clone)]
pub struct Webhooks(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    secret: String,
    first_order: u64,
    story: Story,
    run: u64,
    placed: Vec<Template>,
    paid: Vec<Template>,
    triggered_at: String,
}

impl Webhooks {
    /// Webhooks about the orders from `first_order` on.
    pub fn new(secret: &str, size: Size, story: Story, first_order: u64) -> Self {
        let placed_at = Utc::now() - TimeDelta::minutes(1);
        let templates = |news| {
            (0..VARIANTS)
                .map(|variant| Template::new(size, news, variant, placed_at))
                .collect()
        };
        Self(Arc::new(Inner {
            secret: secret.to_owned(),
            first_order,
            story,
            // Webhook ids of two runs must differ even where their orders do not.
            run: run_id(),
            placed: templates(News::Placed),
            paid: templates(News::Paid),
            triggered_at: rfc3339(placed_at + TimeDelta::seconds(45)),
        }))
    }

    /// What the webhook with this number tells, and of which order (counted
    /// from the first).
    pub fn news(&self, number: u64) -> (News, u64) {
        match self.0.story {
            Story::Placed => (News::Placed, number),
            Story::PlacedAndPaid => {
                let (block, at) = (number / (2 * LAG), number % (2 * LAG));
                if at < LAG {
                    (News::Placed, block * LAG + at)
                } else {
                    (News::Paid, block * LAG + at - LAG)
                }
            }
        }
    }

    /// How many orders the first `count` webhooks tell of, and so how many end
    /// in [`Webhooks::last_news`]; rounds `count` up to whole stories.
    pub fn orders(&self, count: u64) -> u64 {
        match self.0.story {
            Story::Placed => count,
            Story::PlacedAndPaid => count.div_ceil(2 * LAG) * LAG,
        }
    }

    /// A number of webhooks, `count` or a little more, that ends with whole stories.
    pub fn whole(&self, count: u64) -> u64 {
        match self.0.story {
            Story::Placed => count,
            Story::PlacedAndPaid => count.div_ceil(2 * LAG) * 2 * LAG,
        }
    }

    /// What every order ends with.
    pub fn last_news(&self) -> News {
        match self.0.story {
            Story::Placed => News::Placed,
            Story::PlacedAndPaid => News::Paid,
        }
    }

    /// The Shopify id of the first order.
    pub fn first_id(&self) -> u64 {
        crate::payload::FIRST_ID + self.0.first_order
    }

    /// Writes only the body, and returns the topic.
    pub fn write_body(&self, number: u64, out: &mut Vec<u8>) -> &'static str {
        let (news, order) = self.news(number);
        let (templates, topic) = match news {
            News::Placed => (&self.0.placed, "orders/create"),
            News::Paid => (&self.0.paid, "orders/paid"),
        };
        let template = &templates[usize::try_from(order).unwrap_or_default() % VARIANTS];
        out.clear();
        template.write(self.0.first_order + order, out);
        topic
    }

    /// Writes the webhook with this number, replacing what is in `out`.
    pub fn write(&self, number: u64, out: &mut Vec<u8>) {
        let inner = &*self.0;
        // The body is written first, as the head has its signature; then moved
        // behind it, which costs less than a second buffer.
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
        debug_assert!(written.is_ok(), "the head fits");
        let left = rest.len();
        let length = head.len() - left;
        out.splice(0..0, head[..length].iter().copied());
    }
}

/// Another for every run.
fn run_id() -> u64 {
    let (time, chance) = Uuid::now_v7().as_u64_pair();
    time.rotate_left(32) ^ chance
}

fn rfc3339(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests;
