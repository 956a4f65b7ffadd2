//! Webhooks that do not contain a whole order, and privacy requests.

use domain::wire::OrderStats;
use inbox::deliveries::entity::DeliveryState;
use reqwest::StatusCode;
use serde_json::json;

use crate::helpers::{TestApp, order, problem, webhook};
use crate::on_both_backends;

on_both_backends! {
    a_deleted_order_stays_visible_and_cancelled,
    a_deletion_that_arrives_before_its_order_still_holds,
    edits_and_refunds_are_linked_to_their_order,
    a_data_request_names_the_orders_it_concerns,
    a_redacted_customer_is_gone_from_orders_history_and_payloads,
    an_erased_shop_leaves_only_deliveries_without_payload,
    a_topic_that_erases_needs_a_body_of_its_own_form,
}

async fn a_deleted_order_stays_visible_and_cancelled(app: TestApp) {
    app.deliver(webhook(
        "orders/create",
        &order(1, 0, json!({"financial_status": "paid"})),
    ))
    .await;
    app.deliver(webhook("orders/delete", &json!({"id": 1})))
        .await;
    let deleted = app.order().await;
    assert_eq!((deleted.status.as_str(), deleted.version), ("CANCELLED", 2));
    assert!(deleted.deleted_at.is_some());
    let late = order(
        1,
        9,
        json!({"financial_status": "paid", "total_price": "5.00"}),
    );
    app.deliver(webhook("orders/updated", &late)).await;
    let after = app.order().await;
    assert_eq!(
        (after.status.as_str(), after.total.as_str()),
        ("CANCELLED", "5.00")
    );
    let reopen = app
        .put(
            &after.id.to_string(),
            json!({"version": 3, "status": "CONFIRMED"}),
        )
        .await;
    assert_eq!(reopen.status(), StatusCode::UNPROCESSABLE_ENTITY);
}

async fn a_deletion_that_arrives_before_its_order_still_holds(app: TestApp) {
    app.deliver(webhook("orders/delete", &json!({"id": 1})))
        .await;
    app.deliver(webhook(
        "orders/create",
        &order(1, 0, json!({"financial_status": "paid"})),
    ))
    .await;
    let order = app.order().await;
    assert_eq!(order.status.as_str(), "CANCELLED");
    assert_eq!((order.name.as_str(), order.total.as_str()), ("#1", "42.00"));
}

async fn edits_and_refunds_are_linked_to_their_order(app: TestApp) {
    app.deliver(webhook("orders/create", &order(1, 0, json!({}))))
        .await;
    let id = app.order().await.id;
    app.deliver(webhook(
        "orders/edited",
        &json!({"order_edit": {"order_id": 1}}),
    ))
    .await;
    app.deliver(webhook("refunds/create", &json!({"id": 5, "order_id": 1})))
        .await;
    app.deliver(webhook("refunds/create", &json!({"id": 6, "order_id": 99})))
        .await;
    let states: Vec<_> = app.deliveries().await[1..]
        .iter()
        .map(|d| (d.state, d.order_id))
        .collect();
    let unchanged = DeliveryState::Unchanged;
    assert_eq!(
        states,
        [
            (unchanged, Some(id)),
            (unchanged, Some(id)),
            (unchanged, None)
        ]
    );
    assert_eq!(app.order().await.version, 1);
}

fn privacy(orders: &str) -> serde_json::Value {
    json!({"shop_domain": "acme.myshopify.com",
        "customer": {"id": 1, "email": "ADA@example.com"}, (orders): [2]})
}

async fn a_data_request_names_the_orders_it_concerns(app: TestApp) {
    app.deliver(webhook("orders/create", &order(1, 0, json!({}))))
        .await;
    app.deliver(webhook(
        "customers/data_request",
        &privacy("orders_requested"),
    ))
    .await;
    let request = &app.deliveries().await[1];
    assert_eq!(request.state, DeliveryState::Applied);
    assert!(request.error.as_deref().unwrap().contains("#1"));
    assert!(request.payload.is_empty());
}

async fn a_redacted_customer_is_gone_from_orders_history_and_payloads(app: TestApp) {
    // One order is found by e-mail address, one is named in the request, and one belongs to
    // another person.
    let guest = json!({"customer": null, "email": "guest@example.com"});
    let other = json!({"customer": {"first_name": "Bea", "email": "bea@example.com"}});
    app.deliver(webhook("orders/create", &order(1, 0, json!({}))))
        .await;
    app.deliver(webhook("orders/create", &order(2, 0, guest)))
        .await;
    app.deliver(webhook("orders/create", &order(3, 0, other)))
        .await;
    let ada = app
        .orders()
        .await
        .into_iter()
        .find(|o| o.name == "#1")
        .unwrap();
    app.put(
        &ada.id.to_string(),
        json!({"version": 1, "notes": "Ada called"}),
    )
    .await;

    app.deliver(webhook("customers/redact", &privacy("orders_to_redact")))
        .await;
    for order in app.orders().await {
        let kept = order.name == "#3";
        assert_eq!(order.customer.is_some(), kept, "{}", order.name);
        assert_eq!(
            order.version,
            if order.name == "#1" {
                3
            } else {
                2 - i64::from(kept)
            }
        );
        assert_eq!(order.notes, None);
    }
    let everything = format!("{:?} {:?}", app.events().await, app.deliveries().await);
    for personal in ["Ada", "ada@", "ADA@", "guest@"] {
        assert!(!everything.contains(personal), "{personal} is still there");
    }
    let payloads: Vec<_> = app
        .deliveries()
        .await
        .iter()
        .map(|d| d.payload.is_empty())
        .collect();
    assert_eq!(payloads, [true, true, false, true]);

    // Later webhooks of Shopify cannot restore the data.
    app.deliver(webhook(
        "orders/updated",
        &order(1, 9, json!({"total_price": "5.00"})),
    ))
    .await;
    let ada = app
        .orders()
        .await
        .into_iter()
        .find(|o| o.name == "#1")
        .unwrap();
    assert_eq!((ada.total.as_str(), ada.customer), ("5.00", None));
}

async fn an_erased_shop_leaves_only_deliveries_without_payload(app: TestApp) {
    for id in 1..=3 {
        app.deliver(webhook("orders/create", &order(id, 0, json!({}))))
            .await;
    }
    let kept = webhook("orders/create", &order(4, 0, json!({})));
    app.deliver(kept.with("X-Shopify-Shop-Domain", "other.myshopify.com"))
        .await;
    app.deliver(webhook(
        "shop/redact",
        &json!({"shop_domain": "acme.myshopify.com"}),
    ))
    .await;
    assert_eq!(app.order().await.shop, "other.myshopify.com");
    assert_eq!(app.events().await.len(), 1);
    for delivery in app.deliveries().await {
        assert_eq!(
            delivery.payload.is_empty(),
            delivery.shop == "acme.myshopify.com"
        );
    }
    let read_stats =
        async || -> OrderStats { app.get("/orders/stats").await.json().await.unwrap() };
    app.until("the statistics no longer contain the shop", async || {
        read_stats().await.total_orders == 1
    })
    .await;
}

async fn a_topic_that_erases_needs_a_body_of_its_own_form(app: TestApp) {
    let payload = order(1, 0, json!({}));
    app.deliver(webhook("orders/create", &payload)).await;
    // A captured webhook that is sent again under another topic has a valid signature.
    for topic in ["orders/delete", "shop/redact", "customers/redact"] {
        let (status, ..) = problem(webhook(topic, &payload).send(&app).await).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{topic}");
    }
    app.drained().await;
    assert_eq!(app.order().await.version, 1);
}
