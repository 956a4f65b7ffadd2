//! The statistics of orders, the health endpoints and the dashboard's page.

use domain::orders::status::OrderStatus;
use domain::wire::OrderStats;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::helpers::{TestApp, order, webhook};
use crate::on_both_backends;

on_both_backends! {
    statistics_follow_the_orders_and_their_changes,
    statistics_without_orders_are_zero,
    health_and_readiness_are_answered,
    the_dashboard_is_rendered_with_its_first_orders,
}

async fn statistics_follow_the_orders_and_their_changes(app: TestApp) {
    let delivered = |at: &str| {
        json!({"fulfillment_status": "fulfilled", "financial_status": "paid", "total_price": "100.00",
            "fulfillments": [{"shipment_status": "delivered", "updated_at": at}]})
    };
    let today = (chrono::Utc::now() - chrono::TimeDelta::hours(1)).to_rfc3339();
    for (id, fields) in [
        // Placed at 2026-01-01T12:00:00Z, so they took two and four days.
        (1, delivered("2026-01-03T12:00:00Z")),
        (2, delivered("2026-01-05T12:00:00Z")),
        (
            3,
            json!({"fulfillment_status": "fulfilled", "total_price": "0.10"}),
        ),
        (
            4,
            json!({"financial_status": "paid", "total_price": "0.20", "created_at": today}),
        ),
        (
            5,
            json!({"financial_status": "paid", "total_price": "900", "currency": "JPY"}),
        ),
        (
            6,
            json!({"financial_status": "pending", "total_price": "999.00"}),
        ),
        (
            7,
            json!({"cancelled_at": "2026-01-02T00:00:00Z", "total_price": "999.00"}),
        ),
    ] {
        app.deliver(webhook("orders/updated", &order(id, 0, fields)))
            .await;
    }
    // Statistics may be a second old.
    let read_stats =
        async || -> OrderStats { app.get("/orders/stats").await.json().await.unwrap() };
    app.until("all orders are counted", async || {
        read_stats().await.total_orders == 7
    })
    .await;
    let stats = read_stats().await;
    assert_eq!(stats.active_shipments, 1);
    assert_eq!(stats.placed_last_24h, 1);
    let hours = &stats.placed_by_hour;
    assert_eq!(hours.len(), 24);
    assert!(hours.windows(2).all(|two| two[0].hour < two[1].hour));
    // An hour ago is the last hour but one.
    let counts: Vec<_> = hours.iter().map(|hour| hour.orders).collect();
    assert_eq!((counts.iter().sum::<u64>(), counts[22]), (1, 1));
    assert_eq!(stats.by_status[&OrderStatus::Delivered], 2);
    assert_eq!(stats.by_status[&OrderStatus::Confirmed], 2);
    let revenue: Vec<_> = stats
        .revenue
        .iter()
        .map(|r| (r.currency.as_str(), r.amount.as_str(), r.orders))
        .collect();
    assert_eq!(revenue, [("USD", "200.30", 4), ("JPY", "900", 1)]);
    assert_eq!(stats.average_delivery_seconds, Some(3 * 24 * 3600));

    // The statistics change with orders: one is paid, one gets a new price, one is shipped
    // by a person.
    let paid = json!({"financial_status": "paid", "total_price": "500.00"});
    app.deliver(webhook("orders/paid", &order(6, 1, paid)))
        .await;
    let four = app
        .orders()
        .await
        .into_iter()
        .find(|order| order.name == "#4")
        .unwrap();
    app.put(
        &four.id.to_string(),
        json!({"version": 1, "status": "SHIPPED"}),
    )
    .await;
    app.until("the statistics follow", async || {
        let stats = read_stats().await;
        let dollars = stats
            .revenue
            .iter()
            .find(|revenue| revenue.currency == "USD")
            .unwrap();
        (stats.active_shipments, dollars.amount.as_str()) == (2, "700.30")
            && stats.by_status[&OrderStatus::Pending] == 0
    })
    .await;
}

async fn statistics_without_orders_are_zero(app: TestApp) {
    let stats: OrderStats = app.get("/orders/stats").await.json().await.unwrap();
    assert_eq!(stats.total_orders, 0);
    assert_eq!(stats.by_status.len(), 5);
    assert_eq!(stats.average_delivery_seconds, None);
    assert!(stats.revenue.is_empty());
}

async fn health_and_readiness_are_answered(app: TestApp) {
    assert_eq!(app.get("/healthz").await.status(), StatusCode::OK);
    let ready: Value = app.get("/readyz").await.json().await.unwrap();
    assert_eq!(
        ready,
        json!({"status": "ready", "database": "ok", "queue": "ok"})
    );
}

async fn the_dashboard_is_rendered_with_its_first_orders(app: TestApp) {
    app.deliver(webhook("orders/create", &order(4711, 0, json!({}))))
        .await;
    let page = app.get("/").await;
    assert!(page.url().path().ends_with("/dashboard"));
    let html = page.text().await.unwrap();
    assert!(html.contains("#4711") && html.contains("Ada Byron"));
}
