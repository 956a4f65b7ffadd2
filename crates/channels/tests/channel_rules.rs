//! How a single webhook of Shopify changes an order.
#![allow(missing_docs, reason = "tests are named as claims")]
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use channels::shopify::{payload, status};
use chrono::{DateTime, TimeDelta, Utc};
use domain::channels::account::{ChannelAccount, ExternalOrderId, OrderKey};
use domain::orders::channel_rules::{ChannelOutcome, ChannelUpdate, delete, problems, redact};
use domain::orders::fees::ShippingTiers;
use domain::orders::order::OrderState;
use domain::orders::status::OrderStatus;
use serde_json::{Value, json};
use uuid::Uuid;

/// A fixed moment, moved by `seconds`.
fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::seconds(seconds)
}

fn account() -> ChannelAccount {
    ChannelAccount::shopify("acme.myshopify.com")
}

/// A paid order at version 1.
fn order() -> OrderState {
    changed(None, &same_content(0))
}

fn apply(current: Option<&OrderState>, payload: &Value) -> ChannelOutcome {
    let patch = payload::parse(payload.to_string().as_bytes()).unwrap();
    ChannelUpdate {
        account: &account(),
        patch: &patch,
        status_map: status::map,
        triggered_at: None,
        tiers: &ShippingTiers::default(),
        now: at(500),
    }
    .apply(current, Uuid::from_u128(9))
}

fn changed(current: Option<&OrderState>, payload: &Value) -> OrderState {
    match apply(current, payload) {
        ChannelOutcome::Changed(order) => *order,
        other => panic!("expected a change, got {other:?}"),
    }
}

/// The payload that [`order`] came from, at `seconds`.
fn same_content(seconds: i64) -> Value {
    json!({
        "id": 450_789_469, "updated_at": at(seconds), "created_at": at(0), "name": "#1001",
        "financial_status": "paid", "fulfillment_status": null, "currency": "USD",
        "total_price": "409.94", "line_items": [{"quantity": 3}],
        "customer": {"first_name": "Ada", "last_name": "Byron", "email": "ada@example.com"}
    })
}

#[test]
fn a_new_order_starts_at_version_one_with_its_fee() {
    let order = changed(
        None,
        &json!({"id": 7, "updated_at": at(0), "currency": "USD", "total_price": "42.00"}),
    );
    assert_eq!((order.version, order.channel.name.as_str()), (1, "#7"));
    assert_eq!(order.channel.total_minor, 4_200);
    assert_eq!(order.channel.shipping_fee_minor, 999);
}

#[test]
fn a_message_older_than_what_is_stored_is_stale() {
    assert_eq!(
        apply(Some(&order()), &same_content(-1)),
        ChannelOutcome::Stale
    );
}

#[test]
fn the_same_content_moves_the_clock_but_not_the_version() {
    let ChannelOutcome::Unchanged(next) = apply(Some(&order()), &same_content(60)) else {
        panic!("expected no change");
    };
    assert_eq!(next.version, 1);
    assert_eq!(next.clock.updated_at, at(60));
}

#[test]
fn a_change_is_exactly_one_version() {
    let mut payload = same_content(60);
    payload["fulfillment_status"] = json!("fulfilled");
    let order = changed(Some(&order()), &payload);
    assert_eq!(order.version, 2);
    assert_eq!(order.status, OrderStatus::Shipped);
}

#[test]
fn a_persons_status_stands_until_the_channels_status_changes() {
    let mut current = order();
    current.status = OrderStatus::Shipped;
    let mut payload = same_content(60);
    payload["total_price"] = json!("500.00");
    let next = changed(Some(&current), &payload);
    assert_eq!(next.status, OrderStatus::Shipped);

    payload["cancelled_at"] = json!(at(61));
    payload["updated_at"] = json!(at(61));
    assert_eq!(
        changed(Some(&next), &payload).status,
        OrderStatus::Cancelled
    );
}

#[test]
fn a_webhook_never_changes_a_field_that_people_own() {
    let mut current = order();
    current.tracking_number = Some("1Z999".into());
    current.notes = Some("call first".into());
    let mut payload = same_content(60);
    payload["note"] = json!("from shopify");
    payload["fulfillments"] = json!([{"tracking_number": "OTHER"}]);
    payload["fulfillment_status"] = json!("fulfilled");
    let next = changed(Some(&current), &payload);
    assert_eq!(next.tracking_number.as_deref(), Some("1Z999"));
    assert_eq!(next.notes.as_deref(), Some("call first"));
}

#[test]
fn a_field_that_a_payload_does_not_mention_keeps_its_value() {
    let next = changed(
        Some(&order()),
        &json!({"id": 450_789_469, "updated_at": at(60), "financial_status": "paid", "name": "#1001-B"}),
    );
    assert_eq!(next.channel.total_minor, 40_994);
    assert_eq!(next.channel.currency, "USD");
    assert!(next.channel.customer.is_some());
}

#[test]
fn a_delivery_is_dated_by_its_shipment() {
    let mut payload = same_content(60);
    payload["fulfillment_status"] = json!("fulfilled");
    payload["fulfillments"] = json!([{"shipment_status": "delivered", "updated_at": at(50)}]);
    let next = changed(Some(&order()), &payload);
    assert_eq!(next.status, OrderStatus::Delivered);
    assert_eq!(next.delivered_at, Some(at(50)));
}

#[test]
fn an_amount_with_too_many_digits_is_rounded_and_named() {
    let patch = payload::parse(
        json!({"id": 1, "updated_at": at(0), "currency": "JPY", "total_price": "10.5"})
            .to_string()
            .as_bytes(),
    )
    .unwrap();
    assert_eq!(problems(&patch, None), ["total_price"]);
}

#[test]
fn a_payload_without_a_status_leaves_the_status_unchanged() {
    for status in [OrderStatus::Confirmed, OrderStatus::Cancelled] {
        let mut current = order();
        current.channel.status = status;
        current.status = status;
        let renamed = json!({"id": 450_789_469, "updated_at": at(60), "name": "#1001-B"});
        assert_eq!(changed(Some(&current), &renamed).status, status);
    }
    let mut delivered = same_content(60);
    delivered["fulfillment_status"] = json!("fulfilled");
    delivered["fulfillments"] = json!([{"shipment_status": "delivered", "updated_at": at(50)}]);
    let delivered = changed(Some(&order()), &delivered);
    let renamed = json!({"id": 450_789_469, "updated_at": at(70), "name": "#1001-B"});
    assert_eq!(
        changed(Some(&delivered), &renamed).status,
        OrderStatus::Delivered
    );
}

#[test]
fn a_known_total_is_never_read_in_another_currency() {
    let next = apply(
        Some(&order()),
        &json!({"id": 450_789_469, "updated_at": at(60), "currency": "JPY", "financial_status": "paid"}),
    );
    let ChannelOutcome::Unchanged(next) = next else {
        panic!("expected no change");
    };
    assert_eq!(
        (next.channel.currency.as_str(), next.channel.total_minor),
        ("USD", 40_994)
    );
}

#[test]
fn two_payloads_of_the_same_moment_end_the_same_in_either_order() {
    let mut one = same_content(60);
    one["total_price"] = json!("1.00");
    let mut other = same_content(60);
    other["total_price"] = json!("2.00");
    let settle = |first: &Value, second: &Value| {
        let mut order = order();
        for payload in [first, second] {
            if let ChannelOutcome::Changed(next) = apply(Some(&order), payload) {
                order = *next;
            }
        }
        order.channel.total_minor
    };
    assert_eq!(settle(&one, &other), settle(&other, &one));
}

#[test]
fn a_deleted_order_stays_visible_and_is_never_revived() {
    let ChannelOutcome::Changed(deleted) = delete_at(Some(&order()), 60) else {
        panic!("expected a change");
    };
    assert_eq!(deleted.status, OrderStatus::Cancelled);
    assert_eq!(deleted.deleted_at, Some(at(60)));
    assert_eq!(deleted.version, 2);
    let mut late = same_content(90);
    late["total_price"] = json!("5.00");
    let after = changed(Some(&deleted), &late);
    assert_eq!(after.status, OrderStatus::Cancelled);
    assert_eq!(after.channel.total_minor, 500);
    assert_eq!(after.deleted_at, Some(at(60)));
}

#[test]
fn a_deletion_before_the_order_leaves_a_placeholder_that_is_filled_in() {
    let ChannelOutcome::Changed(placeholder) = delete_at(None, 60) else {
        panic!("expected an order");
    };
    let filled = changed(Some(&placeholder), &same_content(0));
    assert_eq!(filled.channel.name, "#1001");
    assert_eq!(filled.status, OrderStatus::Cancelled);
    assert_eq!(filled.version, 2);
}

#[test]
fn a_second_deletion_changes_nothing() {
    let ChannelOutcome::Changed(deleted) = delete_at(Some(&order()), 60) else {
        panic!("expected a change");
    };
    assert!(matches!(
        delete_at(Some(&deleted), 61),
        ChannelOutcome::Unchanged(_)
    ));
}

#[test]
fn erased_personal_data_is_not_brought_back_by_a_webhook() {
    let mut order = order();
    order.notes = Some("Ada's neighbour has the key".into());
    let ChannelOutcome::Changed(redacted) = redact(&order, at(60)) else {
        panic!("expected a change");
    };
    assert_eq!(
        (&redacted.channel.customer, &redacted.notes),
        (&None, &None)
    );
    let mut late = same_content(90);
    late["total_price"] = json!("5.00");
    assert_eq!(changed(Some(&redacted), &late).channel.customer, None);
    assert!(matches!(
        redact(&redacted, at(61)),
        ChannelOutcome::Unchanged(_)
    ));
}

fn delete_at(current: Option<&OrderState>, seconds: i64) -> ChannelOutcome {
    let key = OrderKey {
        external_id: ExternalOrderId::new("450789469").unwrap(),
        account: account(),
    };
    delete(current, key, at(seconds), Uuid::from_u128(9), at(500))
}
