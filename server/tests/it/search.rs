//! Searching, filtering and sorting orders.

use domain::wire::OrderPage;
use reqwest::StatusCode;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::helpers::{Backend, TestApp, order, webhook};
use crate::on_both_backends;

on_both_backends! {
    an_order_is_found_by_every_searchable_field,
    an_edit_updates_the_search,
    filters_narrow_each_other,
    every_sort_pages_through_a_filter_without_gaps,
}

async fn names(app: &TestApp, query: &str) -> Vec<String> {
    let answer = app.get(&format!("/orders?sort=name&{query}")).await;
    assert_eq!(answer.status(), StatusCode::OK, "{query}");
    let page: OrderPage = answer.json().await.unwrap();
    assert_eq!(page.total, page.data.len() as u64, "{query}");
    page.data.into_iter().map(|order| order.name).collect()
}

async fn some_orders(app: &TestApp) {
    for (id, first, last, email, fields) in [
        (
            101,
            "Ada",
            "Byron",
            "ada@example.com",
            json!({"financial_status": "paid"}),
        ),
        (
            102,
            "Grace",
            "Hopper",
            "grace.hopper@navy.example",
            json!({"financial_status": "paid"}),
        ),
        (
            203,
            "Ægir",
            "Öz",
            "aegir@example.com",
            json!({"financial_status": "voided"}),
        ),
    ] {
        let mut fields: Value = fields;
        fields["customer"] = json!({"first_name": first, "last_name": last, "email": email});
        fields["created_at"] = json!(format!("2026-01-{:02}T00:00:00Z", id % 100));
        app.deliver(webhook("orders/create", &order(id, 0, fields)))
            .await;
    }
}

async fn an_order_is_found_by_every_searchable_field(app: TestApp) {
    some_orders(&app).await;
    for (q, found) in [
        ("%23101", vec!["#101"]),
        ("10", vec!["#101", "#102"]),
        ("ada", vec!["#101"]),
        ("HOPPER+gra", vec!["#102"]),
        ("navy.example", vec!["#102"]),
        ("%C3%86gi", vec!["#203"]),
        ("ada+hopper", vec![]),
        ("nobody", vec![]),
        ("---", vec![]),
        ("%22+OR+1%3D1+*", vec![]),
        ("%27%3A%26%21", vec![]),
        ("", vec!["#101", "#102", "#203"]),
    ] {
        assert_eq!(names(&app, &format!("q={q}")).await, found, "q={q}");
    }
    let long = app.get(&format!("/orders?q={}", "x".repeat(101))).await;
    assert_eq!(long.status(), StatusCode::BAD_REQUEST);
}

async fn an_edit_updates_the_search(app: TestApp) {
    some_orders(&app).await;
    let id = app
        .orders()
        .await
        .iter()
        .find(|o| o.name == "#101")
        .unwrap()
        .id
        .to_string();
    app.put(&id, json!({"version": 1, "trackingNumber": "1Z-999-AA1"}))
        .await;
    assert_eq!(names(&app, "q=999").await, ["#101"]);
    app.put(&id, json!({"version": 2, "trackingNumber": null}))
        .await;
    assert!(names(&app, "q=999").await.is_empty());
}

async fn filters_narrow_each_other(app: TestApp) {
    some_orders(&app).await;
    for (query, found) in [
        ("status=CONFIRMED,CANCELLED", vec!["#101", "#102", "#203"]),
        ("status=CONFIRMED&q=hopper", vec!["#102"]),
        ("shop=acme.myshopify.com&status=CANCELLED", vec!["#203"]),
        ("shop=other.myshopify.com", vec![]),
        ("placedFrom=2026-01-02T00:00:00Z", vec!["#102", "#203"]),
        (
            "placedFrom=2026-01-02T00:00:00Z&placedTo=2026-01-03T00:00:00Z",
            vec!["#102"],
        ),
    ] {
        assert_eq!(names(&app, query).await, found, "{query}");
    }
    let wrong = app.get("/orders?placedFrom=yesterday").await;
    assert_eq!(wrong.status(), StatusCode::BAD_REQUEST);
}

async fn every_sort_pages_through_a_filter_without_gaps(app: TestApp) {
    for id in 1..=11 {
        let price =
            json!({"total_price": format!("{}.00", id % 3), "name": format!("#{}", id % 4)});
        webhook("orders/create", &order(id, 0, price))
            .send(&app)
            .await;
    }
    app.drained().await;
    for sort in ["total", "-total", "name", "-name", "updatedAt", "-placedAt"] {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let url = format!("/orders?q=ada&limit=3&sort={sort}{cursor}");
            let page: OrderPage = app.get(&url).await.json().await.unwrap();
            seen.extend(page.data.into_iter().map(|order| order.id));
            match page.next_cursor {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        let distinct: std::collections::HashSet<_> = seen.iter().collect();
        assert_eq!((seen.len(), distinct.len()), (11, 11), "sorted by {sort}");
    }
}

/// A list that is long according to the statistics: 12,000 copies of one order, each with
/// a different number by which it is found.
async fn a_long_list(app: &TestApp) {
    app.deliver(webhook("orders/create", &order(1, 0, json!({}))))
        .await;
    for statement in [
        "INSERT INTO orders SELECT (jsonb_populate_record(one, jsonb_build_object(
             'id', gen_random_uuid(), 'shopify_order_id', 1000000 + n,
             'external_order_id', 1000000 + n,
             'search_text', 'grace n' || n))).*
         FROM orders one, generate_series(1, 12000) n",
        "UPDATE order_figures SET orders = orders + 100000 WHERE shard =
             (SELECT shard FROM order_figures ORDER BY orders DESC LIMIT 1)
             AND orders > 0",
        "ANALYZE orders",
    ] {
        app.db.execute_unprepared(statement).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_long_list_common_and_rare_words_are_both_found() {
    let app = TestApp::spawn(Backend::PostgresAndRedis).await;
    a_long_list(&app).await;
    let page = async |query: &str| -> OrderPage {
        let answer = app.get(&format!("/orders?limit=50&{query}")).await;
        assert_eq!(answer.status(), StatusCode::OK, "{query}");
        answer.json().await.unwrap()
    };
    for query in [
        "q=gra",
        "q=grace+n",
        "q=grace&offset=9000",
        "q=grace&sort=-total",
    ] {
        let many = page(query).await;
        let found = (many.data.len(), many.has_more, many.total);
        assert_eq!(found, (50, true, 10_000), "{query}");
        assert!(many.total_is_estimate, "{query}");
    }
    for (query, total) in [("q=n7777", 1), ("q=grace+n777", 11), ("q=n777+ada", 0)] {
        let few = page(query).await;
        assert_eq!(
            (few.total, few.total_is_estimate),
            (total, false),
            "{query}"
        );
        assert_eq!(few.data.len() as u64, total.min(50), "{query}");
    }
}
