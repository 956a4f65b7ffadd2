//! The REST API of orders: edits, versions, pages and filters.

use std::collections::HashSet;

use domain::wire::{Order, OrderPage};
use reqwest::StatusCode;
use reqwest::header::ETAG;
use serde_json::{Value, json};

use crate::helpers::{TestApp, order, problem, webhook};
use crate::on_both_backends;

on_both_backends! {
    an_edit_on_the_current_version_is_saved_as_the_next,
    absent_fields_are_kept_and_null_clears,
    an_edit_that_changes_nothing_makes_no_version,
    an_edit_on_an_old_version_is_a_conflict_that_names_the_change,
    the_history_has_the_editors_name,
    the_version_may_be_in_the_if_match_header,
    an_edit_without_a_version_is_refused,
    versions_begin_at_one,
    a_body_must_be_an_object,
    a_field_that_cannot_be_stored_is_named,
    an_order_that_does_not_exist_is_a_404,
    of_simultaneous_edits_exactly_one_wins,
    pages_show_every_order_once_in_every_sort,
    the_status_filter_shows_only_that_status,
    an_invalid_query_is_refused,
}

async fn versions_begin_at_one(app: TestApp) {
    let id = one_order(&app).await;
    for version in [0, -1, i64::MIN] {
        let edit = json!({"version": version, "notes": "x"});
        let (status, kind, body) = problem(app.put(&id, edit).await).await;
        assert_eq!(
            (status, kind.as_str()),
            (StatusCode::UNPROCESSABLE_ENTITY, "invalid-fields")
        );
        assert_eq!(body["errors"][0]["field"], "version");
    }
    let url = format!("{}/orders/{id}", app.url);
    let matched = app.http.put(url).header("If-Match", "\"0\"");
    let refused = matched.json(&json!({"notes": "x"})).send().await.unwrap();
    assert_eq!(problem(refused).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(app.order().await.version, 1);
}

async fn a_body_must_be_an_object(app: TestApp) {
    let id = one_order(&app).await;
    for body in [json!([1]), json!([]), json!("x"), json!(null)] {
        let (status, kind, _) = problem(app.put(&id, body).await).await;
        assert!(status.is_client_error(), "{status}");
        assert_eq!(kind, "bad-body");
    }
    assert_eq!(app.order().await.version, 1);
}

/// One order, at version 1.
async fn one_order(app: &TestApp) -> String {
    let paid = json!({"financial_status": "paid"});
    app.deliver(webhook("orders/create", &order(1, 0, paid)))
        .await;
    app.order().await.id.to_string()
}

async fn an_edit_on_the_current_version_is_saved_as_the_next(app: TestApp) {
    let id = one_order(&app).await;
    let edit = json!({"version": 1, "status": "SHIPPED", "trackingNumber": " 1Z999 "});
    let answer = app.put(&id, edit).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()[ETAG], "\"2\"");
    let saved: Order = answer.json().await.unwrap();
    assert_eq!(saved.version, 2);
    assert_eq!(saved.status.as_str(), "SHIPPED");
    assert_eq!(saved.tracking_number.as_deref(), Some("1Z999"));

    let read = app.get(&format!("/orders/{id}")).await;
    assert_eq!(read.headers()[ETAG], "\"2\"");
    assert_eq!(read.json::<Order>().await.unwrap(), saved);
    let history = app.events().await;
    assert_eq!(history[1].actor, "desk");
    assert_eq!(history[1].delivery_id, None);
}

async fn absent_fields_are_kept_and_null_clears(app: TestApp) {
    let id = one_order(&app).await;
    app.put(
        &id,
        json!({"version": 1, "trackingNumber": "1Z", "notes": "gift"}),
    )
    .await;
    let saved: Order = app
        .put(&id, json!({"version": 2, "notes": null}))
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(saved.tracking_number.as_deref(), Some("1Z"));
    assert_eq!(saved.notes, None);
}

async fn an_edit_that_changes_nothing_makes_no_version(app: TestApp) {
    let id = one_order(&app).await;
    let edit = json!({"version": 1, "status": "CONFIRMED", "notes": "  "});
    let saved: Order = app.put(&id, edit).await.json().await.unwrap();
    assert_eq!(saved.version, 1);
    assert_eq!(app.events().await.len(), 1);
}

async fn an_edit_on_an_old_version_is_a_conflict_that_names_the_change(app: TestApp) {
    let id = one_order(&app).await;
    app.put(&id, json!({"version": 1, "notes": "theirs"})).await;
    let late = app.put(&id, json!({"version": 1, "notes": "mine"})).await;
    let (status, kind, body) = problem(late).await;
    assert_eq!(
        (status, kind.as_str()),
        (StatusCode::CONFLICT, "version-conflict")
    );
    assert_eq!(body["current"]["version"], 2);
    assert_eq!(body["current"]["notes"], "theirs");
    let conflict = &body["conflicts"][0];
    assert_eq!(conflict["field"], "notes");
    assert_eq!(
        (&conflict["yours"], &conflict["current"]),
        (&json!("mine"), &json!("theirs"))
    );
    assert_eq!(conflict["changedBy"], "desk");
    assert!(conflict["changedAt"].is_string());
    assert_eq!(app.order().await.notes.as_deref(), Some("theirs"));
}

async fn the_version_may_be_in_the_if_match_header(app: TestApp) {
    let id = one_order(&app).await;
    let put = |tag: &'static str, body: Value| {
        let url = format!("{}/orders/{id}", app.url);
        app.http.put(url).header("If-Match", tag).json(&body).send()
    };
    let answer = put("\"1\"", json!({"notes": "a"})).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let stale = put("\"1\"", json!({"notes": "b"})).await.unwrap();
    assert_eq!(stale.status(), StatusCode::CONFLICT);
    let contradiction = put("\"2\"", json!({"version": 1, "notes": "b"}))
        .await
        .unwrap();
    assert_eq!(contradiction.status(), StatusCode::BAD_REQUEST);
    let nonsense = put("\"abc\"", json!({"notes": "b"})).await.unwrap();
    assert_eq!(nonsense.status(), StatusCode::BAD_REQUEST);
}

async fn an_edit_without_a_version_is_refused(app: TestApp) {
    let id = one_order(&app).await;
    let (status, kind, _) = problem(app.put(&id, json!({"notes": "x"})).await).await;
    assert_eq!(
        (status, kind.as_str()),
        (StatusCode::PRECONDITION_REQUIRED, "version-required")
    );
}

async fn a_field_that_cannot_be_stored_is_named(app: TestApp) {
    let id = one_order(&app).await;
    for (field, value) in [
        ("trackingNumber", json!("x".repeat(101))),
        ("notes", json!("x".repeat(5_001))),
        ("notes", json!("a\u{0}b")),
        ("notes", json!(7)),
        ("status", json!("FLYING")),
        ("status", Value::Null),
        ("total", json!("0.00")),
    ] {
        let mut edit = json!({"version": 1});
        edit[field] = value;
        let (status, kind, body) = problem(app.put(&id, edit).await).await;
        assert_eq!(
            (status, kind.as_str()),
            (StatusCode::UNPROCESSABLE_ENTITY, "invalid-fields")
        );
        assert_eq!(body["errors"][0]["field"], field);
    }
    let url = format!("{}/orders/{id}", app.url);
    let send = |body: String| {
        let request = app
            .http
            .put(&url)
            .header("content-type", "application/json");
        request.body(body).send()
    };
    assert_eq!(
        send("{".into()).await.unwrap().status(),
        StatusCode::BAD_REQUEST
    );
    let huge = format!("{{\"version\":1,\"notes\":\"{}\"}}", "x".repeat(70_000));
    assert_eq!(
        send(huge).await.unwrap().status(),
        StatusCode::PAYLOAD_TOO_LARGE
    );
    assert_eq!(app.order().await.version, 1);
}

async fn an_order_that_does_not_exist_is_a_404(app: TestApp) {
    for id in ["00000000-0000-7000-8000-000000000000", "not-an-id"] {
        let (status, kind, _) = problem(app.get(&format!("/orders/{id}")).await).await;
        assert_eq!(
            (status, kind.as_str()),
            (StatusCode::NOT_FOUND, "order-not-found")
        );
        let (status, ..) = problem(app.put(id, json!({"version": 1})).await).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
    }
}

async fn of_simultaneous_edits_exactly_one_wins(app: TestApp) {
    let id = one_order(&app).await;
    let edits = (0..20).map(|n| app.put(&id, json!({"version": 1, "notes": format!("{n}")})));
    let answers = futures::future::join_all(edits).await;
    let won = answers
        .iter()
        .filter(|a| a.status() == StatusCode::OK)
        .count();
    let lost = answers
        .iter()
        .filter(|a| a.status() == StatusCode::CONFLICT)
        .count();
    assert_eq!((won, lost), (1, 19));
    assert_eq!(app.order().await.version, 2);
}

async fn pages_show_every_order_once_in_every_sort(app: TestApp) {
    // Pairs of orders are placed in the same second, to check that ties at the end of a page
    // are not lost.
    for id in 1..=25_u64 {
        let placed = format!("2026-01-01T10:{:02}:00Z", id / 2);
        let answer = webhook(
            "orders/create",
            &order(id, 0, json!({"created_at": placed})),
        );
        assert_eq!(answer.send(&app).await.status(), StatusCode::OK);
    }
    app.drained().await;
    for sort in ["-placedAt", "placedAt", "-updatedAt", "updatedAt"] {
        let mut seen = Vec::new();
        let mut cursor = String::new();
        loop {
            let url = format!("/orders?limit=4&sort={sort}{cursor}");
            let page: OrderPage = app.get(&url).await.json().await.unwrap();
            assert_eq!(page.total, 25);
            seen.extend(page.data);
            match page.next_cursor {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        let ids: HashSet<_> = seen.iter().map(|order| order.id).collect();
        assert_eq!((seen.len(), ids.len()), (25, 25), "sorted by {sort}");
        let keys: Vec<_> = seen
            .iter()
            .map(|o| {
                if sort.ends_with("placedAt") {
                    o.placed_at
                } else {
                    o.updated_at
                }
            })
            .collect();
        let ordered = if sort.starts_with('-') {
            keys.is_sorted_by(|a, b| a >= b)
        } else {
            keys.is_sorted()
        };
        assert!(ordered, "sorted by {sort}");
    }
}

async fn the_status_filter_shows_only_that_status(app: TestApp) {
    for (id, financial) in [(1, "paid"), (2, "pending"), (3, "paid"), (4, "voided")] {
        let fields = json!({"financial_status": financial});
        app.deliver(webhook("orders/create", &order(id, 0, fields)))
            .await;
    }
    for (status, total) in [("CONFIRMED", 2), ("PENDING,CANCELLED", 2), ("DELIVERED", 0)] {
        let url = format!("/orders?status={status}");
        let page: OrderPage = app.get(&url).await.json().await.unwrap();
        assert_eq!(
            (page.total, page.data.len()),
            (total, usize::try_from(total).unwrap())
        );
        assert!(
            page.data
                .iter()
                .all(|order| status.contains(order.status.as_str()))
        );
    }
}

async fn an_invalid_query_is_refused(app: TestApp) {
    for query in [
        "limit=0",
        "limit=201",
        "limit=x",
        "sort=price",
        "status=FLYING",
        "cursor=zzz",
        "stauts=PENDING",
    ] {
        let (status, kind, _) = problem(app.get(&format!("/orders?{query}")).await).await;
        assert_eq!(
            (status, kind.as_str()),
            (StatusCode::BAD_REQUEST, "bad-query"),
            "{query}"
        );
    }
}

async fn the_history_has_the_editors_name(app: TestApp) {
    app.deliver(webhook("orders/create", &order(1, 0, json!({}))))
        .await;
    let id = app.order().await.id;
    let answer = app
        .http
        .put(format!("{}/orders/{id}", app.url))
        .header("X-Editor-Name", "Ada%20Byr%C3%B6n")
        .json(&json!({"version": 1, "notes": "hers"}))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(app.events().await[1].actor, "desk:Ada Byrön");
    let (_, _, body) = problem(
        app.put(&id.to_string(), json!({"version": 1, "notes": "mine"}))
            .await,
    )
    .await;
    assert_eq!(body["conflicts"][0]["changedBy"], "desk:Ada Byrön");
}
