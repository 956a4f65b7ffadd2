//! Catching up with `GET /orders/changes`: the cursor never skips a change.

use std::collections::HashSet;

use domain::wire::OrderChanges;
use domain::wire::ShopifyOrderId;
use reqwest::StatusCode;
use sea_orm::{ConnectionTrait, DatabaseTransaction, TransactionTrait};
use serde_json::json;
use uuid::Uuid;

use crate::helpers::{Backend, TestApp, order, problem, webhook};
use crate::on_both_backends;

on_both_backends! {
    a_client_that_was_disconnected_gets_exactly_the_changes_it_missed,
    many_changes_are_returned_in_pages,
    an_invalid_cursor_is_refused,
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
                .filter_map(|order| order.shopify_order_id.map(ShopifyOrderId::get)),
        );
        cursor = page.cursor;
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    (seen, cursor)
}

async fn a_client_that_was_disconnected_gets_exactly_the_changes_it_missed(app: TestApp) {
    app.deliver(webhook("orders/create", &order(1, 0, json!({}))))
        .await;
    let start = changes(&app, "").await.cursor;
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

async fn many_changes_are_returned_in_pages(app: TestApp) {
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

async fn an_invalid_cursor_is_refused(app: TestApp) {
    // The last one is in the future, as if the database had been restored since.
    for cursor in ["zzz", "", "OTk5OTk5OTk5OTk5OTk6OTk5OTk5OTk5OTk5OTk6"] {
        let (status, kind, _) =
            problem(app.get(&format!("/orders/changes?since={cursor}")).await).await;
        assert_eq!(
            (status, kind.as_str()),
            (StatusCode::BAD_REQUEST, "bad-query"),
            "{cursor}"
        );
    }
}

/// A change in a transaction that is not committed yet.
async fn late_change(app: &TestApp, order: Uuid) -> DatabaseTransaction {
    let late = app.db.begin().await.unwrap();
    late.execute_unprepared(&format!(
        "INSERT INTO order_events (id, order_id, version, actor, changes, at)
         VALUES ('{}', '{order}', 2, 'desk', '[]', now())",
        Uuid::now_v7()
    ))
    .await
    .unwrap();
    late
}

fn numbers(changes: &OrderChanges) -> HashSet<i64> {
    let orders = changes.data.iter();
    orders
        .filter_map(|order| order.shopify_order_id.map(ShopifyOrderId::get))
        .collect()
}

/// The case in which a plain sequence fails: a transaction draws its number first and
/// commits last. A reader in between must not skip it, and must not miss the changes that
/// others have committed meanwhile, because these have been broadcast already and are not
/// broadcast again.
#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_commits_late_is_neither_skipped_nor_waited_for() {
    let app = TestApp::spawn(Backend::PostgresAndRedis).await;
    app.deliver(webhook("orders/create", &order(1, 0, json!({}))))
        .await;
    let late_order = app.order().await.id;
    let start = changes(&app, "").await.cursor;

    let late = late_change(&app, late_order).await;
    app.deliver(webhook("orders/create", &order(2, 0, json!({}))))
        .await;
    // The reader reads up to here while the first transaction is still open.
    let meanwhile = changes(&app, &format!("?since={start}")).await;
    assert_eq!(numbers(&meanwhile), HashSet::from([2]));
    let begun_meanwhile = changes(&app, "").await.cursor;
    late.commit().await.unwrap();

    for cursor in [meanwhile.cursor, begun_meanwhile] {
        let after = changes(&app, &format!("?since={cursor}")).await;
        assert_eq!(numbers(&after), HashSet::from([1]));
        let end = changes(&app, &format!("?since={}", after.cursor)).await;
        assert!(end.data.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_commits_between_two_pages_is_not_skipped() {
    let app = TestApp::spawn(Backend::PostgresAndRedis).await;
    app.deliver(webhook("orders/create", &order(1, 0, json!({}))))
        .await;
    let late_order = app.order().await.id;
    let mut cursor = changes(&app, "").await.cursor;

    let late = late_change(&app, late_order).await;
    for id in 2..=6 {
        app.deliver(webhook("orders/create", &order(id, 0, json!({}))))
            .await;
    }
    let first = changes(&app, &format!("?since={cursor}&limit=2")).await;
    assert!(first.has_more);
    cursor.clone_from(&first.cursor);
    // It commits with a number before the reader's position.
    late.commit().await.unwrap();
    let mut seen = HashSet::new();
    loop {
        let page = changes(&app, &format!("?since={cursor}&limit=2")).await;
        seen.extend(numbers(&page));
        cursor = page.cursor;
        if !page.has_more {
            break;
        }
    }
    assert_eq!(&seen | &numbers(&first), (1..=6).collect());
    let end = changes(&app, &format!("?since={cursor}")).await;
    assert!(end.data.is_empty());
}
