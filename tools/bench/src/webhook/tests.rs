use std::collections::{HashMap, HashSet};

use super::*;

fn written(webhooks: &Webhooks, number: u64) -> (HashMap<String, String>, Vec<u8>) {
    let mut out = b"content to replace".to_vec();
    webhooks.write(number, &mut out);
    let end = memchr::memmem::find(&out, b"\r\n\r\n").unwrap();
    let head = String::from_utf8(out[..end].to_vec()).unwrap();
    assert!(head.starts_with("POST /webhooks/shopify HTTP/1.1\r\n"));
    let headers = head
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    (headers, out[end + 4..].to_vec())
}

#[test]
fn the_signature_matches_the_body() {
    for size in [Size::Minimal, Size::Real] {
        let webhooks = Webhooks::new("key", size, Lifecycle::Placed, 0);
        let (headers, body) = written(&webhooks, 7);
        assert_eq!(headers["x-shopify-hmac-sha256"], sign(b"key", &body));
        assert_eq!(headers["content-length"], body.len().to_string());
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body["id"], webhooks.first_id() + 7);
    }
}

#[test]
fn no_two_webhooks_have_the_same_id() {
    let webhooks = Webhooks::new("key", Size::Minimal, Lifecycle::Placed, 0);
    let again = Webhooks::new("key", Size::Minimal, Lifecycle::Placed, 0);
    let ids: HashSet<_> = (0..100)
        .flat_map(|number| [written(&webhooks, number).0, written(&again, number).0])
        .map(|headers| headers["x-shopify-webhook-id"].clone())
        .collect();
    assert_eq!(ids.len(), 200);
}

#[test]
fn every_order_is_placed_and_later_paid() {
    let webhooks = Webhooks::new("key", Size::Minimal, Lifecycle::PlacedAndPaid, 0);
    let count = webhooks.round_up(4_321);
    let mut placed = HashSet::new();
    let mut paid = HashSet::new();
    for number in 0..count {
        match webhooks.event(number) {
            (OrderEvent::Placed, order) => assert!(placed.insert(order)),
            (OrderEvent::Paid, order) => assert!(placed.contains(&order) && paid.insert(order)),
        }
    }
    assert_eq!(placed, paid);
    assert_eq!(placed.len() as u64, webhooks.orders(count));
    assert_eq!(count, 6_000);
}
