//! Many concurrent writers.

use std::collections::HashSet;

use domain::wire::{Order, OrderEventPage};
use inbox::deliveries::entity::DeliveryState;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::helpers::{TestApp, order, webhook};
use crate::on_both_backends;

on_both_backends! {
    a_hundred_webhooks_and_twenty_editors_on_one_order_lose_nothing,
    edits_saved_together_each_get_their_own_answer,
}

/// Edits an order, and tries again after each conflict, as a person would.
async fn edit_until_saved(app: &TestApp, id: &str, note: &str) -> i64 {
    for _ in 0..500 {
        let current: Order = app
            .get(&format!("/orders/{id}"))
            .await
            .json()
            .await
            .unwrap();
        let answer = app
            .put(id, json!({"version": current.version, "notes": note}))
            .await;
        let status = answer.status();
        assert!(!status.is_server_error(), "{status}");
        if status == StatusCode::OK {
            return answer.json::<Order>().await.unwrap().version;
        }
        assert_eq!(status, StatusCode::CONFLICT);
    }
    panic!("never got through");
}

async fn a_hundred_webhooks_and_twenty_editors_on_one_order_lose_nothing(app: TestApp) {
    app.deliver(webhook(
        "orders/create",
        &order(1, 0, json!({"total_price": "0.01"})),
    ))
    .await;
    let id = app.order().await.id.to_string();
    let webhooks: Vec<_> = (1..=100)
        .map(|n| {
            let fields = json!({"total_price": format!("{n}.00"), "name": format!("#{}", n % 7)});
            webhook("orders/updated", &order(1, n, fields))
        })
        .collect();
    let channel = futures::future::join_all(webhooks.iter().map(|webhook| webhook.send(&app)));
    let notes: Vec<_> = (0..20).map(|n| format!("note {n}")).collect();
    let people =
        futures::future::join_all(notes.iter().map(|note| edit_until_saved(&app, &id, note)));
    let (answers, accepted) = futures::join!(channel, people);
    assert!(
        answers
            .iter()
            .all(|answer| answer.status() == StatusCode::OK)
    );
    app.drained().await;

    let order = app.order().await;
    assert_eq!(order.total, "100.00");
    let mut events = Vec::new();
    let mut cursor = String::new();
    loop {
        let url = format!("/orders/{id}/events?limit=50{cursor}");
        let page: OrderEventPage = app.get(&url).await.json().await.unwrap();
        events.extend(page.data);
        match page.next_cursor {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    events.reverse();
    let versions: Vec<_> = events.iter().map(|event| event.version).collect();
    assert_eq!(versions, (1..=order.version).collect::<Vec<_>>());
    // The history has every accepted note at the version in its answer.
    assert_eq!(accepted.iter().collect::<HashSet<_>>().len(), 20);
    for (note, version) in notes.iter().zip(&accepted) {
        let event = events
            .iter()
            .find(|event| event.version == *version)
            .unwrap();
        assert!(
            event
                .changes
                .iter()
                .any(|c| c.field == "notes" && c.to == note.as_str())
        );
    }
    // Applying the history in order gives the stored order.
    let last = |field: &str| {
        let mut changes = events.iter().flat_map(|event| &event.changes);
        changes
            .rfind(|change| change.field == field)
            .map(|change| change.to.clone())
    };
    assert_eq!(last("total"), Some(Value::from("100.00")));
    assert_eq!(last("notes"), Some(json!(order.notes)));
    let dead = app
        .deliveries()
        .await
        .iter()
        .filter(|d| d.state == DeliveryState::Dead)
        .count();
    assert_eq!(dead, 0);
}

async fn edits_saved_together_each_get_their_own_answer(app: TestApp) {
    for n in 1..=40 {
        let webhook = webhook("orders/create", &order(n, 0, json!({})));
        assert_eq!(webhook.send(&app).await.status(), StatusCode::OK);
    }
    app.drained().await;
    let ids: Vec<String> = app
        .orders()
        .await
        .iter()
        .map(|o| o.id.to_string())
        .collect();
    assert_eq!(ids.len(), 40);
    // Every fourth order has a newer version.
    for id in ids.iter().step_by(4) {
        let first = app.put(id, json!({"version": 1, "notes": "theirs"})).await;
        assert_eq!(first.status(), StatusCode::OK);
    }
    let nobody = "00000000-0000-7000-8000-000000000000".to_owned();
    let targets: Vec<&String> = ids.iter().chain([&nobody]).collect();
    let edits = targets.iter().enumerate().map(|(n, id)| {
        let notes = format!("mine {n}");
        app.put(id, json!({"version": 1, "notes": notes}))
    });
    let answers = futures::future::join_all(edits).await;
    for (n, (answer, id)) in answers.into_iter().zip(&targets).enumerate() {
        let expected = match n {
            40 => StatusCode::NOT_FOUND,
            n if n % 4 == 0 => StatusCode::CONFLICT,
            _ => StatusCode::OK,
        };
        assert_eq!(answer.status(), expected, "edit {n}");
        if expected == StatusCode::OK {
            let saved: Order = answer.json().await.unwrap();
            assert_eq!(saved.id.to_string(), **id);
            assert_eq!(saved.version, 2);
            assert_eq!(saved.notes, Some(format!("mine {n}")));
        }
    }
}
