//! Outages of services: no accepted webhook is lost.

use reqwest::StatusCode;
use reqwest::header::RETRY_AFTER;
use serde_json::{Value, json};

use crate::helpers::{Backend, Proxy, Store, TestApp, config, order, problem, webhook};

async fn behind_proxy(database_up: bool, redis_up: bool) -> (TestApp, Proxy, Proxy) {
    let store = Store::create(Backend::PostgresAndRedis).await;
    let mut config = config(&store);
    let database = Proxy::start(&config.database_url, database_up).await;
    config.database_url = database.instead_of(&config.database_url);
    let redis_url = config.redis_url.take().unwrap();
    let redis = Proxy::start(&redis_url, redis_up).await;
    config.redis_url = Some(redis.instead_of(&redis_url));
    let app = if database_up {
        TestApp::start(store, config).await
    } else {
        TestApp::start_unready(store, config).await
    };
    (app, database, redis)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_starts_without_its_database_and_recovers_by_itself() {
    let (app, database, _redis) = behind_proxy(false, true).await;
    let webhook = webhook("orders/create", &order(1, 0, json!({})));
    let answer = webhook.send(&app).await;
    assert!(answer.headers().contains_key(RETRY_AFTER));
    let (status, kind, _) = problem(answer).await;
    assert_eq!(
        (status, kind.as_str()),
        (StatusCode::SERVICE_UNAVAILABLE, "not-stored")
    );
    let ready = app.get("/readyz").await;
    assert_eq!(ready.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(
        ready.json::<Value>().await.unwrap()["database"],
        "unavailable"
    );
    assert_eq!(app.get("/healthz").await.status(), StatusCode::OK);

    database.open();
    app.until("the webhook is taken", async || {
        webhook.send(&app).await.status() == StatusCode::OK
    })
    .await;
    app.drained().await;
    assert_eq!(app.order().await.version, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_database_webhooks_are_refused_and_no_order_is_lost() {
    let (app, database, _redis) = behind_proxy(true, true).await;
    app.deliver(webhook("orders/create", &order(1, 0, json!({}))))
        .await;

    database.close();
    let refused = webhook("orders/create", &order(2, 0, json!({})));
    let (status, kind, _) = problem(refused.send(&app).await).await;
    assert_eq!(
        (status, kind.as_str()),
        (StatusCode::SERVICE_UNAVAILABLE, "not-stored")
    );
    let (status, kind, _) = problem(app.get("/orders").await).await;
    assert_eq!(
        (status, kind.as_str()),
        (StatusCode::SERVICE_UNAVAILABLE, "database-unavailable")
    );
    let page = app.get("/dashboard").await;
    assert!(
        page.text()
            .await
            .unwrap()
            .contains("cannot be shown right now")
    );

    database.open();
    app.until("the webhook is taken", async || {
        refused.send(&app).await.status() == StatusCode::OK
    })
    .await;
    app.drained().await;
    assert_eq!(app.orders().await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_redis_webhooks_are_stored_and_processed_later() {
    let (app, _database, redis) = behind_proxy(true, true).await;
    app.deliver(webhook("orders/create", &order(1, 0, json!({}))))
        .await;

    redis.close();
    let meanwhile = webhook("orders/create", &order(2, 0, json!({})));
    assert_eq!(meanwhile.send(&app).await.status(), StatusCode::OK);
    let ready = app.get("/readyz").await;
    assert_eq!(ready.status(), StatusCode::OK);
    assert_eq!(ready.json::<Value>().await.unwrap()["status"], "degraded");

    redis.open();
    app.drained().await;
    assert_eq!(app.orders().await.len(), 2);
}
