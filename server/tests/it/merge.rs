//! Concurrent edits: merges, conflicts, repeated requests and invalid changes of status.

use domain::wire::{Order, OrderEventPage};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::helpers::{TestApp, order, problem, webhook};
use crate::on_both_backends;

on_both_backends! {
    a_change_to_a_field_that_no_one_else_changed_is_merged,
    a_field_sent_unchanged_does_not_undo_a_change_by_others,
    without_merge_any_change_is_a_conflict,
    a_version_from_the_future_is_a_conflict,
    a_repeated_identical_edit_is_harmless,
    a_repeated_idempotency_key_gets_the_same_answer,
    an_idempotency_key_cannot_be_reused_for_another_edit,
    an_invalid_change_of_status_is_refused_with_the_reason,
    the_history_has_the_author_and_fields_of_every_change,
}

async fn one_order(app: &TestApp) -> String {
    let paid = json!({"financial_status": "paid"});
    app.deliver(webhook("orders/create", &order(1, 0, paid)))
        .await;
    app.order().await.id.to_string()
}

async fn a_change_to_a_field_that_no_one_else_changed_is_merged(app: TestApp) {
    let id = one_order(&app).await;
    // The channel and a colleague change other fields first.
    let fulfilled = json!({"financial_status": "paid", "fulfillment_status": "fulfilled"});
    app.deliver(webhook("orders/fulfilled", &order(1, 1, fulfilled)))
        .await;
    app.put(&id, json!({"version": 2, "notes": "theirs"})).await;

    let answer = app
        .put(&id, json!({"version": 1, "trackingNumber": "1Z"}))
        .await;
    assert_eq!(answer.status(), StatusCode::OK);
    let merged: Order = answer.json().await.unwrap();
    assert_eq!(merged.version, 4);
    assert_eq!(merged.tracking_number.as_deref(), Some("1Z"));
    assert_eq!(merged.notes.as_deref(), Some("theirs"));
    assert_eq!(merged.status.as_str(), "SHIPPED");
}

async fn a_field_sent_unchanged_does_not_undo_a_change_by_others(app: TestApp) {
    let id = one_order(&app).await;
    app.put(&id, json!({"version": 1, "status": "SHIPPED"}))
        .await;
    // A form that always sends all fields sends the status of version 1.
    let form =
        json!({"version": 1, "status": "CONFIRMED", "notes": "mine", "trackingNumber": null});
    let merged: Order = app.put(&id, form).await.json().await.unwrap();
    assert_eq!(merged.status.as_str(), "SHIPPED");
    assert_eq!(merged.notes.as_deref(), Some("mine"));
}

async fn without_merge_any_change_is_a_conflict(app: TestApp) {
    let id = one_order(&app).await;
    app.put(&id, json!({"version": 1, "notes": "theirs"})).await;
    let strict = json!({"version": 1, "trackingNumber": "1Z", "merge": false});
    let (status, kind, body) = problem(app.put(&id, strict).await).await;
    assert_eq!(
        (status, kind.as_str()),
        (StatusCode::CONFLICT, "version-conflict")
    );
    assert_eq!(body["current"]["version"], 2);
    assert_eq!(app.order().await.tracking_number, None);
}

async fn a_version_from_the_future_is_a_conflict(app: TestApp) {
    let id = one_order(&app).await;
    let (status, ..) = problem(app.put(&id, json!({"version": 9, "notes": "x"})).await).await;
    assert_eq!(status, StatusCode::CONFLICT);
}

async fn a_repeated_identical_edit_is_harmless(app: TestApp) {
    let id = one_order(&app).await;
    for _ in 0..3 {
        let answer = app.put(&id, json!({"version": 1, "notes": "gift"})).await;
        assert_eq!(answer.status(), StatusCode::OK);
    }
    assert_eq!(app.order().await.version, 2);
}

async fn put_with_key(app: &TestApp, id: &str, key: &str, body: Value) -> reqwest::Response {
    let url = format!("{}/orders/{id}", app.url);
    let request = app.http.put(url).header("Idempotency-Key", key).json(&body);
    request.send().await.unwrap()
}

async fn a_repeated_idempotency_key_gets_the_same_answer(app: TestApp) {
    let id = one_order(&app).await;
    let edit = json!({"version": 1, "notes": "first"});
    let first: Order = put_with_key(&app, &id, "k1", edit.clone())
        .await
        .json()
        .await
        .unwrap();
    app.put(&id, json!({"version": 2, "notes": "second"})).await;
    let again: Order = put_with_key(&app, &id, "k1", edit)
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(again, first);
    assert_eq!(app.order().await.notes.as_deref(), Some("second"));
}

async fn an_idempotency_key_cannot_be_reused_for_another_edit(app: TestApp) {
    let id = one_order(&app).await;
    put_with_key(&app, &id, "k1", json!({"version": 1, "notes": "a"})).await;
    let other = put_with_key(&app, &id, "k1", json!({"version": 2, "notes": "b"})).await;
    let (status, kind, _) = problem(other).await;
    assert_eq!(
        (status, kind.as_str()),
        (StatusCode::UNPROCESSABLE_ENTITY, "idempotency-key-reused")
    );
    let long = put_with_key(&app, &id, &"x".repeat(256), json!({"version": 2})).await;
    assert_eq!(long.status(), StatusCode::BAD_REQUEST);
}

async fn an_invalid_change_of_status_is_refused_with_the_reason(app: TestApp) {
    let id = one_order(&app).await;
    app.put(&id, json!({"version": 1, "status": "CANCELLED"}))
        .await;
    let ship = app
        .put(&id, json!({"version": 2, "status": "SHIPPED"}))
        .await;
    let (status, kind, body) = problem(ship).await;
    assert_eq!(
        (status, kind.as_str()),
        (StatusCode::UNPROCESSABLE_ENTITY, "invalid-fields")
    );
    assert_eq!(body["errors"][0]["field"], "status");
    assert!(
        body["errors"][0]["message"]
            .as_str()
            .unwrap()
            .contains("reopen")
    );
    let reopen = app
        .put(&id, json!({"version": 2, "status": "CONFIRMED"}))
        .await;
    assert_eq!(reopen.status(), StatusCode::OK);
}

async fn the_history_has_the_author_and_fields_of_every_change(app: TestApp) {
    let id = one_order(&app).await;
    app.put(&id, json!({"version": 1, "notes": "gift"})).await;
    app.put(&id, json!({"version": 2, "status": "SHIPPED"}))
        .await;
    let page: OrderEventPage = app
        .get(&format!("/orders/{id}/events?limit=2"))
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(
        page.data.iter().map(|e| e.version).collect::<Vec<_>>(),
        [3, 2]
    );
    assert_eq!(page.data[1].changes[0].field, "notes");
    assert_eq!(page.data[1].actor, "desk");
    let cursor = page.next_cursor.unwrap();
    let rest: OrderEventPage = app
        .get(&format!("/orders/{id}/events?cursor={cursor}"))
        .await
        .json()
        .await
        .unwrap();
    assert_eq!((rest.data.len(), rest.has_more), (1, false));
    assert_eq!(rest.data[0].actor, "shopify");
    assert!(rest.data[0].delivery_id.is_some());
    let missing = app
        .get("/orders/00000000-0000-7000-8000-000000000000/events")
        .await;
    assert_eq!(missing.status(), StatusCode::NOT_FOUND);
}
