//! Catching up: the changes cursor never skips anything.

use std::collections::HashSet;

use domain::api::OrderChanges;
use domain::order::ShopifyOrderId;
use reqwest::StatusCode;
use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::json;
use uuid::Uuid;

use crate::helpers::{Backend, TestApp, order, problem, webhook};
use crate::on_both_backends;

on_both_backends! {
    a_client_that_was_away_gets_exactly_the_gap,
    a_long_gap_comes_in_pages,
    a_cursor_that_is_none_is_refused,
}

async fn changes(app: &TestApp, query: &str) -> OrderChanges {
    app.get(&format!("/orders/changes{query}"))
        .await
        .json()
        .await
        .unwrap()
}

/// Reads on from a cursor until it has seen `wanted` orders.
async fn catch_up(app: &TestApp, mut cursor: String, wanted: usize) -> (HashSet<i64>, String) {
    let mut seen = HashSet::new();
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(20);
    while seen.len() < wanted {
        assert!(tokio::time::Instant::now() < deadline, "only saw {seen:?}");
        let page = changes(app, &format!("?since={cursor}&limit=3")).await;
        seen.extend(
            page.data
                .iter()
                .map(|order| ShopifyOrderId::get(order.shopify_order_id)),
        );
        cursor = page.cursor;
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    (seen, cursor)
}

async fn a_client_that_was_away_gets_exactly_the_gap(app: TestApp) {
    app.deliver(webhook("orders/create", &order(1, 0, json!({}))))
        .await;
    let (_, start) = catch_up(&app, changes_from_the_beginning(), 1).await;
    assert!(
        changes(&app, &format!("?since={start}"))
            .await
            .data
            .is_empty()
    );

    app.deliver(webhook("orders/create", &order(2, 0, json!({}))))
        .await;
    app.deliver(webhook(
        "orders/paid",
        &order(1, 5, json!({"financial_status": "paid"})),
    ))
    .await;
    let (seen, end) = catch_up(&app, start, 2).await;
    assert_eq!(seen, HashSet::from([1, 2]));
    assert!(
        changes(&app, &format!("?since={end}"))
            .await
            .data
            .is_empty()
    );
}

/// Before everything: "0.0", as the server writes it.
fn changes_from_the_beginning() -> String {
    "MC4w".to_owned()
}

async fn a_long_gap_comes_in_pages(app: TestApp) {
    let start = changes(&app, "").await.cursor;
    for id in 1..=8 {
        webhook("orders/create", &order(id, 0, json!({})))
            .send(&app)
            .await;
    }
    app.drained().await;
    let (seen, _) = catch_up(&app, start, 8).await;
    assert_eq!(seen, (1..=8).collect());
}

async fn a_cursor_that_is_none_is_refused(app: TestApp) {
    // The last one lies in the future: from a database since restored.
    for cursor in ["zzz", "", "OTk5OTk5OTk5OTk5OTk5LjE"] {
        let (status, kind, _) =
            problem(app.get(&format!("/orders/changes?since={cursor}")).await).await;
        assert_eq!(
            (status, kind.as_str()),
            (StatusCode::BAD_REQUEST, "bad-query"),
            "{cursor}"
        );
    }
}

/// The case a plain sequence gets wrong: A draws its number first and commits
/// last. A reader in between must not walk past it.
#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_commits_late_is_not_skipped() {
    let app = TestApp::spawn(Backend::PostgresAndRedis).await;
    app.deliver(webhook("orders/create", &order(1, 0, json!({}))))
        .await;
    let late_order = app.order().await.id;
    let (_, start) = catch_up(&app, changes_from_the_beginning(), 1).await;

    let late = app.db.begin().await.unwrap();
    late.execute_unprepared(&format!(
        "INSERT INTO order_events (id, order_id, version, actor, changes, at)
         VALUES ('{}', '{late_order}', 2, 'desk', '[]', now())",
        Uuid::now_v7()
    ))
    .await
    .unwrap();
    app.deliver(webhook("orders/create", &order(2, 0, json!({}))))
        .await;
    // The reader is here while the first transaction is still open.
    let meanwhile = changes(&app, &format!("?since={start}")).await;
    late.commit().await.unwrap();

    let before: HashSet<i64> = meanwhile
        .data
        .iter()
        .map(|o| o.shopify_order_id.get())
        .collect();
    let (after, _) = catch_up(&app, meanwhile.cursor, 2 - before.len()).await;
    assert_eq!(&before | &after, HashSet::from([1, 2]));
    assert!(after.contains(&1), "the late change was skipped");
}
