//! The webhook endpoint: which webhooks it accepts, and what it records.

use domain::wire::{WebhookReceipt, WebhookStatus};
use inbox::deliveries::entity::DeliveryState;
use reqwest::StatusCode;
use serde_json::json;

use crate::helpers::{TestApp, Webhook, order, problem, webhook};
use crate::on_both_backends;

on_both_backends! {
    a_signed_order_is_accepted_and_stored,
    a_webhook_without_a_valid_signature_leaves_no_trace,
    an_older_secret_is_still_accepted_during_a_rotation,
    a_missing_header_is_named,
    a_body_over_the_limit_is_refused_and_one_at_the_limit_accepted,
    a_signed_body_that_is_not_an_order_is_recorded_and_refused_every_time,
    an_unknown_topic_is_acknowledged_and_recorded,
    a_repeated_delivery_is_a_duplicate_and_changes_nothing,
    the_same_webhook_id_from_another_shop_is_another_delivery,
    many_deliveries_at_once_are_each_stored_exactly_once,
    the_raw_payload_is_kept_byte_for_byte,
    large_payloads_are_read_completely,
}

async fn a_signed_order_is_accepted_and_stored(app: TestApp) {
    let id = 820_982_911_946_154_508_u64;
    let webhook = webhook("orders/create", &order(id, 0, json!({})));
    let answer = webhook.send(&app).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let receipt: WebhookReceipt = answer.json().await.unwrap();
    assert_eq!(receipt.status, WebhookStatus::Accepted);

    app.drained().await;
    let stored = &app.deliveries().await[0];
    assert_eq!(stored.id, receipt.delivery_id);
    assert_eq!(stored.state, DeliveryState::Applied);
    let order = app.order().await;
    assert_eq!(order.shopify_order_id.unwrap().to_string(), id.to_string());
    assert_eq!(order.version, 1);
    assert_eq!(
        (order.total.as_str(), order.shipping_fee.as_str()),
        ("42.00", "9.99")
    );
    assert_eq!(order.item_count, 3);
    assert_eq!(stored.order_id, Some(order.id));
}

async fn a_webhook_without_a_valid_signature_leaves_no_trace(app: TestApp) {
    let signed = webhook("orders/create", &order(1, 0, json!({})));
    let other_body = simulator::sign(b"test-secret", b"{}");
    let other_secret = simulator::sign(b"guess", &signed.body);
    for forged in [
        signed.clone().without("X-Shopify-Hmac-Sha256"),
        signed.clone().with("X-Shopify-Hmac-Sha256", "not base64"),
        signed.clone().with("X-Shopify-Hmac-Sha256", other_body),
        signed.clone().with("X-Shopify-Hmac-Sha256", other_secret),
    ] {
        let (status, kind, _) = problem(forged.send(&app).await).await;
        assert_eq!(
            (status, kind.as_str()),
            (StatusCode::UNAUTHORIZED, "invalid-signature")
        );
    }
    assert!(app.deliveries().await.is_empty());
}

async fn an_older_secret_is_still_accepted_during_a_rotation(app: TestApp) {
    let mut webhook = webhook("orders/create", &order(1, 0, json!({})));
    let signature = simulator::sign(b"older-secret", &webhook.body);
    webhook = webhook.with("X-Shopify-Hmac-Sha256", signature);
    assert_eq!(webhook.send(&app).await.status(), StatusCode::OK);
}

async fn a_missing_header_is_named(app: TestApp) {
    let signed = webhook("orders/create", &order(1, 0, json!({})));
    for header in [
        "X-Shopify-Topic",
        "X-Shopify-Shop-Domain",
        "X-Shopify-Webhook-Id",
    ] {
        let (status, _, body) = problem(signed.clone().without(header).send(&app).await).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        let detail = body["detail"].as_str().unwrap().to_lowercase();
        assert!(detail.contains(&header.to_lowercase()), "{detail}");
    }
    let long = signed.with("X-Shopify-Webhook-Id", "x".repeat(256));
    assert_eq!(long.send(&app).await.status(), StatusCode::BAD_REQUEST);
    assert!(app.deliveries().await.is_empty());
}

async fn a_body_over_the_limit_is_refused_and_one_at_the_limit_accepted(app: TestApp) {
    let limit = inbox::webhooks::MAX_BODY;
    let padded = |size: usize| {
        let bare = order(1, 0, json!({"note": ""})).to_string();
        let note = "x".repeat(size - bare.len());
        order(1, 0, json!({ "note": note }))
    };
    let over = webhook("orders/create", &padded(limit + 1));
    let (status, kind, _) = problem(over.send(&app).await).await;
    assert_eq!(
        (status, kind.as_str()),
        (StatusCode::PAYLOAD_TOO_LARGE, "body-too-large")
    );
    assert!(app.deliveries().await.is_empty());

    app.deliver(webhook("orders/create", &padded(limit))).await;
    assert_eq!(app.order().await.version, 1);
}

async fn a_signed_body_that_is_not_an_order_is_recorded_and_refused_every_time(app: TestApp) {
    for body in [
        "{",
        "[]",
        r#"{"updated_at":"2026-01-01T00:00:00Z"}"#,
        r#"{"id":1}"#,
    ] {
        let webhook = Webhook::raw("orders/create", body);
        for _ in 0..2 {
            let (status, kind, _) = problem(webhook.send(&app).await).await;
            assert_eq!(
                (status, kind.as_str()),
                (StatusCode::UNPROCESSABLE_ENTITY, "not-an-order")
            );
        }
    }
    let recorded = app.deliveries().await;
    assert_eq!(recorded.len(), 4);
    for delivery in recorded {
        assert_eq!(delivery.state, DeliveryState::Rejected);
        assert!(delivery.error.is_some());
    }
}

async fn an_unknown_topic_is_acknowledged_and_recorded(app: TestApp) {
    let answer = Webhook::raw("carts/update", "anything at all")
        .send(&app)
        .await;
    let receipt: WebhookReceipt = answer.json().await.unwrap();
    assert_eq!(receipt.status, WebhookStatus::Ignored);
    let recorded = &app.deliveries().await[0];
    assert_eq!(recorded.state, DeliveryState::Ignored);
    assert_eq!(recorded.topic, "carts/update");
}

async fn a_repeated_delivery_is_a_duplicate_and_changes_nothing(app: TestApp) {
    let webhook = webhook("orders/create", &order(1, 0, json!({})));
    let first: WebhookReceipt = webhook.send(&app).await.json().await.unwrap();
    app.drained().await;
    let again: WebhookReceipt = webhook.send(&app).await.json().await.unwrap();
    assert_eq!(again.status, WebhookStatus::Duplicate);
    assert_eq!(again.delivery_id, first.delivery_id);
    assert_eq!(app.deliveries().await.len(), 1);
    assert_eq!(app.order().await.version, 1);
}

async fn the_same_webhook_id_from_another_shop_is_another_delivery(app: TestApp) {
    let webhook = webhook("orders/create", &order(1, 0, json!({})));
    app.deliver(webhook.clone()).await;
    app.deliver(webhook.with("X-Shopify-Shop-Domain", "other.myshopify.com"))
        .await;
    assert_eq!(app.orders().await.len(), 2);
}

async fn many_deliveries_at_once_are_each_stored_exactly_once(app: TestApp) {
    // Each is sent twice, all at the same time, so that a commit has several deliveries and
    // repeats.
    let webhooks: Vec<_> = (1..=60)
        .map(|id| webhook("orders/create", &order(id, 0, json!({}))))
        .collect();
    let sends = webhooks
        .iter()
        .chain(&webhooks)
        .map(|webhook| webhook.send(&app));
    let mut accepted = 0;
    for answer in futures::future::join_all(sends).await {
        let receipt: WebhookReceipt = answer.json().await.unwrap();
        accepted += i32::from(receipt.status == WebhookStatus::Accepted);
    }
    assert_eq!(accepted, 60);
    app.drained().await;
    assert_eq!(app.deliveries().await.len(), 60);
    let orders = app.orders().await;
    assert_eq!(orders.len(), 60);
    assert!(orders.iter().all(|order| order.version == 1));
}

async fn the_raw_payload_is_kept_byte_for_byte(app: TestApp) {
    let body = "{ \"id\" : 7,\n\t\"updated_at\":\"2026-01-01T00:00:00Z\", \"π\":1.0 }";
    app.deliver(Webhook::raw("orders/create", body)).await;
    assert_eq!(app.deliveries().await[0].payload, body.as_bytes());
}

async fn large_payloads_are_read_completely(app: TestApp) {
    let payload = simulator::SampleOrder::new(4_507_894_690)
        .name("#2001")
        .total_minor(45_075)
        .financial_status("paid")
        .to_json();
    app.deliver(webhook("orders/create", &payload)).await;
    let order = app.order().await;
    assert_eq!(order.name, "#2001");
    assert_eq!(order.total, "450.75");
    assert_eq!(order.status.as_str(), "CONFIRMED");
    assert!(order.customer.is_some());
    assert_eq!(
        app.deliveries().await[0].error,
        None,
        "nothing was unreadable"
    );
}
