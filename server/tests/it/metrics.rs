//! `GET /metrics`, and the readiness of a server that is stopping.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::helpers::{Backend, Store, TestApp, config, order, webhook};
use crate::on_both_backends;

/// The value of a series, 0 if it does not exist yet. Tests share a recorder, so only
/// increases are meaningful.
async fn value(app: &TestApp, series: &str) -> f64 {
    let text = app.get("/metrics").await.text().await.unwrap();
    let line = text.lines().find(|line| line.starts_with(series));
    line.and_then(|line| line.rsplit_once(' '))
        .map_or(0.0, |(_, value)| value.parse().unwrap())
}

async fn webhooks_are_counted_by_outcome(app: TestApp) {
    let series = |outcome: &str| format!("orchestrator_webhooks_total{{outcome=\"{outcome}\"}}");
    let mut before = Vec::new();
    for outcome in ["accepted", "duplicate", "unauthorized", "rejected"] {
        before.push((outcome, value(&app, &series(outcome)).await));
    }
    let good = webhook("orders/create", &order(1, 0, json!({})));
    good.send(&app).await;
    good.send(&app).await;
    let no_order = webhook("orders/create", &json!({"no": "order"}));
    no_order.send(&app).await;
    let unsigned = good.with("X-Shopify-Hmac-Sha256", "d3Jvbmc=");
    unsigned.send(&app).await;
    for (outcome, before) in before {
        let now = value(&app, &series(outcome)).await;
        assert!(now >= before + 1.0, "{outcome}: {before} then {now}");
    }
    app.drained().await;
    let processed = "orchestrator_deliveries_processed_total{outcome=\"applied\"}";
    assert!(value(&app, processed).await >= 1.0);
    app.until("the lag to the broadcast is measured", async || {
        value(&app, "orchestrator_processing_lag_seconds_count").await >= 1.0
    })
    .await;
    assert!(value(&app, "orchestrator_webhook_ack_seconds_count").await >= 4.0);
}

async fn the_state_of_database_and_queue_is_measured(app: TestApp) {
    for gauge in ["orchestrator_database_up", "orchestrator_redis_up"] {
        app.until(gauge, async || value(&app, gauge).await > 0.5)
            .await;
    }
    let text = app.get("/metrics").await.text().await.unwrap();
    for series in [
        "orchestrator_deliveries_pending ",
        "orchestrator_deliveries_dead ",
        "orchestrator_oldest_pending_seconds ",
        "orchestrator_queue_depth ",
        "orchestrator_db_connections{pool=\"hot\",state=\"idle\"}",
        "orchestrator_db_connections{pool=\"read\",state=\"used\"}",
        "orchestrator_db_connections_max{pool=\"hot\"}",
        "orchestrator_build_info{version=",
    ] {
        assert!(text.contains(series), "{series} is missing");
    }
}

#[tokio::test]
async fn unknown_paths_and_methods_create_no_new_series() {
    let app = TestApp::spawn(Backend::Sqlite).await;
    let method = reqwest::Method::from_bytes(b"MADEUP").unwrap();
    let url = format!("{}/orders", app.url);
    app.http.request(method, url).send().await.unwrap();
    app.get("/orders/0192d4e0-7b1a-7000-8000-000000000001")
        .await;
    app.get("/something/made/up").await;
    let text = app.get("/metrics").await.text().await.unwrap();
    assert!(!text.contains("MADEUP"));
    assert!(!text.contains("made/up"));
    assert!(!text.contains("0192d4e0"));
    assert!(text.contains("route=\"/orders/{id}\""));
}

#[tokio::test]
async fn a_server_that_is_stopping_is_not_ready_but_still_accepts_webhooks() {
    let store = Store::create(Backend::Sqlite).await;
    let mut config = config(&store);
    config.drain = Duration::from_secs(3);
    let app = TestApp::start(store, config).await;
    app.ask_to_stop();
    app.until("the server is not ready", async || {
        let answer = app.get("/readyz").await;
        let status = answer.status();
        let body: Value = answer.json().await.unwrap();
        status == StatusCode::SERVICE_UNAVAILABLE && body["status"] == "stopping"
    })
    .await;
    let webhook = webhook("orders/create", &order(1, 0, json!({})));
    assert_eq!(webhook.send(&app).await.status(), StatusCode::OK);
}

on_both_backends!(
    webhooks_are_counted_by_outcome,
    the_state_of_database_and_queue_is_measured,
);
