//! The processing of deliveries into versioned orders.

use inbox::deliveries::entity::{self as delivery, DeliveryState};
use orders::entities::order_event;
use reqwest::StatusCode;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel};
use serde_json::{Value, json};

use crate::helpers::{Backend, TestApp, order, webhook};
use crate::on_both_backends;

on_both_backends! {
    every_webhook_that_changes_an_order_makes_one_version,
    a_webhook_older_than_the_order_is_discarded_as_stale,
    a_message_with_the_same_content_makes_no_version,
    a_persons_status_stands_until_the_channels_status_changes,
    a_failing_delivery_is_tried_three_times_and_then_dead,
    a_failing_delivery_does_not_delay_others,
    a_failing_delivery_succeeds_when_its_cause_is_gone,
    a_delivery_whose_job_was_lost_is_found_by_the_sweep,
    every_change_is_broadcast_even_one_that_was_missed,
    everything_is_still_there_after_a_restart,
    simultaneous_webhooks_for_one_order_leave_no_gap_in_its_versions,
}

async fn every_webhook_that_changes_an_order_makes_one_version(app: TestApp) {
    let shipment = |status: &str| {
        json!({"fulfillment_status": "fulfilled", "financial_status": "paid",
            "fulfillments": [{"shipment_status": status, "updated_at": "2026-01-03T12:00:00Z"}]})
    };
    for (topic, seconds, fields, status) in [
        ("orders/create", 0, json!({}), "PENDING"),
        (
            "orders/paid",
            1,
            json!({"financial_status": "paid"}),
            "CONFIRMED",
        ),
        (
            "orders/partially_fulfilled",
            2,
            json!({"financial_status": "paid", "fulfillment_status": "partial"}),
            "CONFIRMED",
        ),
        ("orders/fulfilled", 3, shipment("in_transit"), "SHIPPED"),
        ("orders/updated", 4, shipment("delivered"), "DELIVERED"),
        (
            "orders/cancelled",
            5,
            json!({"cancelled_at": "2026-01-04T00:00:00Z"}),
            "CANCELLED",
        ),
    ] {
        app.deliver(webhook(topic, &order(1, seconds, fields)))
            .await;
        let order = app.order().await;
        assert_eq!(order.status.as_str(), status, "after {topic}");
        assert_eq!(order.version, i64::from(seconds) + 1, "after {topic}");
    }
    let events = app.events().await;
    let versions: Vec<_> = events.iter().map(|event| event.version).collect();
    assert_eq!(versions, [1, 2, 3, 4, 5, 6]);
    assert!(
        events
            .iter()
            .all(|e| e.actor == "shopify" && e.delivery_id.is_some())
    );
    let paid: Value = serde_json::from_str(&events[1].changes).unwrap();
    let change = paid
        .as_array()
        .unwrap()
        .iter()
        .find(|c| c["field"] == "status");
    assert_eq!(
        change.unwrap(),
        &json!({"field": "status", "from": "PENDING", "to": "CONFIRMED"})
    );
}

async fn a_webhook_older_than_the_order_is_discarded_as_stale(app: TestApp) {
    app.deliver(webhook(
        "orders/paid",
        &order(1, 10, json!({"financial_status": "paid"})),
    ))
    .await;
    app.deliver(webhook("orders/create", &order(1, 0, json!({}))))
        .await;
    let order = app.order().await;
    assert_eq!((order.version, order.status.as_str()), (1, "CONFIRMED"));
    let late = &app.deliveries().await[1];
    assert_eq!(late.state, DeliveryState::Discarded);
    assert_eq!(late.error.as_deref(), Some("stale"));
}

async fn a_message_with_the_same_content_makes_no_version(app: TestApp) {
    app.deliver(webhook("orders/create", &order(1, 0, json!({}))))
        .await;
    app.deliver(webhook("orders/updated", &order(1, 9, json!({}))))
        .await;
    assert_eq!(app.order().await.version, 1);
    assert_eq!(app.deliveries().await[1].state, DeliveryState::Unchanged);
    // A message from a time between the two is stale.
    app.deliver(webhook(
        "orders/updated",
        &order(1, 5, json!({"total_price": "1.00"})),
    ))
    .await;
    assert_eq!(app.deliveries().await[2].state, DeliveryState::Discarded);
}

async fn a_persons_status_stands_until_the_channels_status_changes(app: TestApp) {
    let paid = json!({"financial_status": "paid"});
    app.deliver(webhook("orders/create", &order(1, 0, paid.clone())))
        .await;
    let id = app.order().await.id.to_string();
    let edit = json!({"version": 1, "status": "SHIPPED", "notes": "handed over"});
    assert_eq!(app.put(&id, edit).await.status(), StatusCode::OK);

    let mut repriced = paid;
    repriced["total_price"] = json!("50.00");
    app.deliver(webhook("orders/updated", &order(1, 1, repriced)))
        .await;
    let order_now = app.order().await;
    assert_eq!(order_now.status.as_str(), "SHIPPED");
    assert_eq!(order_now.total, "50.00");
    assert_eq!(order_now.notes.as_deref(), Some("handed over"));
    assert_eq!(order_now.version, 3);

    let cancelled = json!({"cancelled_at": "2026-01-02T00:00:00Z"});
    app.deliver(webhook("orders/cancelled", &order(1, 2, cancelled)))
        .await;
    assert_eq!(app.order().await.status.as_str(), "CANCELLED");
}

/// Makes the database refuse one order with an error.
async fn poison(app: &TestApp, id: u64) {
    let sql = if app.config.redis_url.is_none() {
        format!(
            "CREATE TRIGGER poison BEFORE INSERT ON orders WHEN NEW.shopify_order_id = {id}
             BEGIN SELECT RAISE(ABORT, 'poisoned'); END"
        )
    } else {
        format!(
            "CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN RAISE EXCEPTION 'poisoned'; END $$;
             CREATE TRIGGER poison BEFORE INSERT ON orders FOR EACH ROW
             WHEN (NEW.shopify_order_id = {id}) EXECUTE FUNCTION poison()"
        )
    };
    app.db.execute_unprepared(&sql).await.unwrap();
}

async fn a_failing_delivery_is_tried_three_times_and_then_dead(app: TestApp) {
    poison(&app, 666).await;
    app.deliver(webhook("orders/create", &order(666, 0, json!({}))))
        .await;
    let delivery = &app.deliveries().await[0];
    assert_eq!(delivery.state, DeliveryState::Dead);
    assert_eq!(delivery.attempts, 3);
    assert!(delivery.error.as_deref().unwrap().contains("poisoned"));
    assert!(app.orders().await.is_empty());
}

async fn a_failing_delivery_does_not_delay_others(app: TestApp) {
    poison(&app, 666).await;
    let webhooks = [1, 666, 2, 3].map(|id| webhook("orders/create", &order(id, 0, json!({}))));
    let sends = webhooks.iter().map(|webhook| webhook.send(&app));
    for answer in futures::future::join_all(sends).await {
        assert_eq!(answer.status(), StatusCode::OK);
    }
    app.drained().await;
    assert_eq!(app.orders().await.len(), 3);
}

async fn a_failing_delivery_succeeds_when_its_cause_is_gone(mut app: TestApp) {
    // The pause is long enough to remove the cause before the next attempt.
    app.config.retry.base = std::time::Duration::from_secs(1);
    let app = app.restart().await;
    poison(&app, 666).await;
    webhook("orders/create", &order(666, 0, json!({})))
        .send(&app)
        .await;
    app.until("the first attempt failed", async || {
        app.deliveries().await[0].attempts > 0
    })
    .await;
    let on = if app.config.redis_url.is_some() {
        " ON orders"
    } else {
        ""
    };
    app.db
        .execute_unprepared(&format!("DROP TRIGGER poison{on}"))
        .await
        .unwrap();
    app.drained().await;
    let delivery = &app.deliveries().await[0];
    assert_eq!(delivery.state, DeliveryState::Applied);
    assert_eq!(delivery.error, None);
    assert_eq!(app.order().await.version, 1);
}

async fn a_delivery_whose_job_was_lost_is_found_by_the_sweep(app: TestApp) {
    app.deliver(webhook("orders/create", &order(1, 0, json!({}))))
        .await;
    // The row after a crash between commit and push: it is due and has no job.
    let mut lost = app.deliveries().await.remove(0).into_active_model();
    lost.id = Set(uuid::Uuid::now_v7());
    lost.webhook_id = Set("lost".into());
    lost.state = Set(DeliveryState::Pending);
    lost.due_at = Set(Some(chrono::Utc::now()));
    lost.finished_at = Set(None);
    lost.payload = Set(order(2, 0, json!({})).to_string().into_bytes());
    delivery::Entity::insert(lost).exec(&app.db).await.unwrap();
    app.drained().await;
    assert_eq!(app.orders().await.len(), 2);
}

async fn every_change_is_broadcast_even_one_that_was_missed(app: TestApp) {
    app.deliver(webhook("orders/create", &order(1, 0, json!({}))))
        .await;
    let all_sent = async || app.events().await.iter().all(|e| e.broadcast_at.is_some());
    app.until("the change was broadcast", all_sent).await;

    // The entry after a crash between commit and broadcast.
    let mut missed = app.events().await.remove(0).into_active_model();
    missed.broadcast_at = Set(None);
    missed.at = Set(chrono::Utc::now() - chrono::TimeDelta::minutes(1));
    missed.update(&app.db).await.unwrap();
    app.until("the missed change was broadcast", all_sent).await;
}

async fn everything_is_still_there_after_a_restart(app: TestApp) {
    app.deliver(webhook("orders/create", &order(1, 0, json!({}))))
        .await;
    let before = app.order().await;
    let app = app.restart().await;
    assert_eq!(app.order().await, before);
    app.deliver(webhook(
        "orders/paid",
        &order(1, 1, json!({"financial_status": "paid"})),
    ))
    .await;
    assert_eq!(app.order().await.version, 2);
}

async fn simultaneous_webhooks_for_one_order_leave_no_gap_in_its_versions(app: TestApp) {
    let webhooks: Vec<_> = (0..40)
        .map(|n| {
            let price = json!({"total_price": format!("{n}.00")});
            webhook("orders/updated", &order(1, n, price))
        })
        .collect();
    let sends = webhooks.iter().map(|webhook| webhook.send(&app));
    for answer in futures::future::join_all(sends).await {
        assert_eq!(answer.status(), StatusCode::OK);
    }
    app.drained().await;
    let order = app.order().await;
    assert_eq!(order.total, "39.00", "the newest webhook wins");
    let versions: Vec<_> = order_event::Entity::find()
        .all(&app.db)
        .await
        .unwrap()
        .iter()
        .map(|event| event.version)
        .collect();
    let mut sorted = versions.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, (1..=order.version).collect::<Vec<_>>());
    let dead = app
        .deliveries()
        .await
        .iter()
        .filter(|d| d.state == DeliveryState::Dead)
        .count();
    assert_eq!(dead, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_travel_through_redis() {
    let app = TestApp::spawn(Backend::PostgresAndRedis).await;
    app.deliver(webhook("orders/create", &order(1, 0, json!({}))))
        .await;
    let url = app.config.redis_url.clone().unwrap();
    let client = redis::Client::open(url).unwrap();
    let mut redis = client.get_multiplexed_async_connection().await.unwrap();
    let keys: Vec<String> = redis::cmd("KEYS")
        .arg(format!("{}:*", app.config.queue_name))
        .query_async(&mut redis)
        .await
        .unwrap();
    assert!(keys.iter().any(|key| key.ends_with(":data")), "{keys:?}");
}
