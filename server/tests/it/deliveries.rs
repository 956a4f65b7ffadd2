//! The REST API of the inbox: lists, statistics and retries.

use chrono::Utc;
use domain::wire::{DeliveryDetail, DeliveryPage, DeliveryStats, Retried};
use inbox::deliveries::entity as delivery;
use reqwest::StatusCode;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::helpers::{TestApp, Webhook, order, problem, webhook};
use crate::on_both_backends;

on_both_backends! {
    the_inbox_lists_filters_and_shows_deliveries,
    a_dead_delivery_can_be_retried_once_its_cause_is_gone,
    only_dead_deliveries_are_retried,
    a_filter_that_is_not_an_object_retries_nothing,
    pending_and_dead_deliveries_are_counted,
    dead_deliveries_without_a_payload_are_not_retried,
    old_payloads_are_pruned,
}

async fn list(app: &TestApp, query: &str) -> DeliveryPage {
    app.get(&format!("/deliveries?{query}"))
        .await
        .json()
        .await
        .unwrap()
}

async fn a_filter_that_is_not_an_object_retries_nothing(app: TestApp) {
    app.deliver(webhook("orders/create", &order(1, 0, json!({}))))
        .await;
    let dead = delivery::Entity::update_many()
        .col_expr(
            delivery::Column::State,
            Expr::value(delivery::DeliveryState::Dead),
        )
        .exec(&app.db);
    dead.await.unwrap();
    let url = format!("{}/deliveries/retry", app.url);
    let retry = async |body: Value| app.http.post(&url).json(&body).send().await.unwrap();
    for body in [
        json!({"filter": []}),
        json!({"filter": [null, null, null]}),
        json!({"filter": null}),
        json!([{}]),
        json!([]),
    ] {
        let (status, kind, _) = problem(retry(body.clone()).await).await;
        assert!(status.is_client_error() && kind == "bad-body", "{body}");
    }
    assert_eq!(
        app.deliveries().await[0].state,
        delivery::DeliveryState::Dead
    );
    let all = retry(json!({"filter": {}})).await;
    assert_eq!(all.json::<Retried>().await.unwrap().retried, 1);
}

async fn the_inbox_lists_filters_and_shows_deliveries(app: TestApp) {
    app.deliver(webhook("orders/create", &order(1, 0, json!({}))))
        .await;
    app.deliver(webhook("orders/updated", &order(1, 0, json!({}))))
        .await;
    let named = Webhook::raw("carts/update", "no json").with("X-Shopify-Webhook-Id", "cart-1");
    app.deliver(named).await;
    assert_eq!(list(&app, "").await.data.len(), 3);
    assert_eq!(list(&app, "state=applied,unchanged").await.data.len(), 2);
    assert_eq!(list(&app, "topic=orders/create").await.data.len(), 1);
    assert_eq!(list(&app, "q=cart-1").await.data[0].state, "ignored");
    let order_id = app.order().await.id;
    assert_eq!(list(&app, &format!("q={order_id}")).await.data.len(), 2);

    let first = list(&app, "limit=2").await;
    assert!(first.has_more);
    let rest = list(
        &app,
        &format!("limit=2&cursor={}", first.next_cursor.unwrap()),
    )
    .await;
    assert_eq!((rest.data.len(), rest.has_more), (1, false));

    let id = first.data[0].id;
    let detail: DeliveryDetail = app
        .get(&format!("/deliveries/{id}"))
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(detail.payload.as_deref(), Some("no json"));
    let binary = Webhook::raw("carts/update", vec![0xff, 0xfe]);
    app.deliver(binary).await;
    let id = list(&app, "limit=1").await.data[0].id;
    let detail: DeliveryDetail = app
        .get(&format!("/deliveries/{id}"))
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(detail.payload_base64.as_deref(), Some("//4="));

    for wrong in ["state=lost", "limit=0", "cursor=x", "stat=dead"] {
        let (status, ..) = problem(app.get(&format!("/deliveries?{wrong}")).await).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{wrong}");
    }
    let (status, kind, _) = problem(app.get("/deliveries/nope").await).await;
    assert_eq!(
        (status, kind.as_str()),
        (StatusCode::NOT_FOUND, "delivery-not-found")
    );
}

/// Renames a table, to make processing fail and to repair it.
async fn rename(app: &TestApp, from: &str, to: &str) {
    app.db
        .execute_unprepared(&format!("ALTER TABLE {from} RENAME TO {to}"))
        .await
        .unwrap();
}

async fn post(app: &TestApp, path: &str, body: Value) -> reqwest::Response {
    app.http
        .post(format!("{}{path}", app.url))
        .json(&body)
        .send()
        .await
        .unwrap()
}

async fn a_dead_delivery_can_be_retried_once_its_cause_is_gone(app: TestApp) {
    rename(&app, "order_figures", "gone").await;
    for id in 1..=3 {
        webhook("orders/create", &order(id, 0, json!({})))
            .send(&app)
            .await;
    }
    app.drained().await;
    let dead = list(&app, "state=dead").await.data;
    assert_eq!(dead.len(), 3);
    assert!(dead.iter().all(|d| d.attempts == 3 && d.error.is_some()));

    rename(&app, "gone", "order_figures").await;
    let one = post(
        &app,
        &format!("/deliveries/{}/retry", dead[0].id),
        json!({}),
    )
    .await;
    assert_eq!(one.json::<Retried>().await.unwrap().retried, 1);
    app.drained().await;
    assert_eq!(list(&app, "state=dead").await.data.len(), 2);
    let others = post(
        &app,
        "/deliveries/retry",
        json!({"filter": {"topic": "orders/paid"}}),
    )
    .await;
    assert_eq!(others.json::<Retried>().await.unwrap().retried, 0);
    let all = post(&app, "/deliveries/retry", json!({"filter": {}})).await;
    assert_eq!(all.json::<Retried>().await.unwrap().retried, 2);
    app.drained().await;
    assert_eq!(app.orders().await.len(), 3);
    assert!(list(&app, "state=dead").await.data.is_empty());
}

async fn counts(app: &TestApp) -> DeliveryStats {
    app.get("/deliveries/stats").await.json().await.unwrap()
}

async fn pending_and_dead_deliveries_are_counted(app: TestApp) {
    let none = counts(&app).await;
    assert_eq!(
        (none.pending, none.dead, none.oldest_pending_at),
        (0, 0, None)
    );
    rename(&app, "order_figures", "gone").await;
    let first = webhook("orders/create", &order(1, 0, json!({})));
    first.send(&app).await;
    let waiting = counts(&app).await;
    assert_eq!(waiting.pending + waiting.dead, 1);
    app.drained().await;
    let dead = counts(&app).await;
    assert_eq!(
        (dead.pending, dead.dead, dead.oldest_pending_at),
        (0, 1, None)
    );
}

async fn dead_deliveries_without_a_payload_are_not_retried(app: TestApp) {
    // There are more deliveries than one statement makes pending.
    let rows = (0..700).map(|number: u128| delivery::ActiveModel {
        id: Set(Uuid::from_u128(number)),
        source: Set("shopify".into()),
        shop: Set("acme.myshopify.com".into()),
        webhook_id: Set(number.to_string()),
        topic: Set("orders/create".into()),
        triggered_at: Set(None),
        received_at: Set(Utc::now()),
        state: Set(delivery::DeliveryState::Dead),
        attempts: Set(3),
        due_at: Set(None),
        retry_at: Set(None),
        error: Set(Some("too late".into())),
        payload: Set(Vec::new()),
        payload_pruned_at: Set(Some(Utc::now())),
        order_id: Set(None),
        finished_at: Set(Some(Utc::now())),
    });
    let insert = delivery::Entity::insert_many(rows);
    insert.exec_without_returning(&app.db).await.unwrap();

    let all = post(&app, "/deliveries/retry", json!({"filter": {}})).await;
    assert_eq!(all.json::<Retried>().await.unwrap().retried, 0);
    assert_eq!(counts(&app).await.dead, 0);
    let one = post(
        &app,
        &format!("/deliveries/{}/retry", Uuid::from_u128(1)),
        json!({}),
    )
    .await;
    let (status, _, body) = problem(one).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(
        body["detail"].as_str().unwrap().contains("payload"),
        "{body}"
    );
}

async fn only_dead_deliveries_are_retried(app: TestApp) {
    app.deliver(webhook("orders/create", &order(1, 0, json!({}))))
        .await;
    let id = list(&app, "").await.data[0].id;
    let retry = post(&app, &format!("/deliveries/{id}/retry"), json!({})).await;
    let (status, kind, _) = problem(retry).await;
    assert_eq!(
        (status, kind.as_str()),
        (StatusCode::CONFLICT, "not-retryable")
    );
    let all = post(&app, "/deliveries/retry", json!({"filter": {}})).await;
    assert_eq!(all.json::<Retried>().await.unwrap().retried, 0);
    let unknown = post(
        &app,
        "/deliveries/retry",
        json!({"filter": {"colour": "red"}}),
    )
    .await;
    assert!(unknown.status().is_client_error());
    assert_eq!(app.order().await.version, 1);
}

async fn old_payloads_are_pruned(mut app: TestApp) {
    app.deliver(webhook("orders/create", &order(1, 0, json!({}))))
        .await;
    app.config.payload_retention = Some(chrono::TimeDelta::zero());
    let app = app.restart().await;
    let pruned = async || app.deliveries().await.iter().all(|d| d.payload.is_empty());
    app.until("the payload is pruned", pruned).await;
    let id = list(&app, "").await.data[0].id;
    let detail: DeliveryDetail = app
        .get(&format!("/deliveries/{id}"))
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(detail.payload, None);
    assert!(detail.payload_pruned_at.is_some());
}
