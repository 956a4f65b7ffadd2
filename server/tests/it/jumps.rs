//! Jumps into the middle of a long list.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::channels::account::{ChannelAccount, ExternalOrderId, OrderKey};
use domain::orders::order::{ChannelClock, ChannelFields, OrderState};
use domain::orders::status::OrderStatus;
use domain::wire::{Order, OrderPage, OrderQuery, last_id_at};
use orders::entities::order as entity;
use orders::list::offset_index::OffsetIndexes;
use platform::db::Db;
use reqwest::StatusCode;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;
use uuid::{Timestamp, Uuid};

use crate::helpers::{TestApp, order, problem, webhook};
use crate::on_both_backends;

on_both_backends! {
    a_jump_finds_the_same_rows_as_reading_page_by_page,
    a_snapshot_is_not_shifted_by_later_orders,
    an_older_snapshot_is_found_with_a_later_offset_index,
    an_old_offset_index_is_replaced,
    jumps_have_limits,
}

/// More rows than two steps of an offset index.
const MANY: i64 = 11_000;

/// An old order, to be written to the database directly, because thousands of webhooks
/// would take too long.
fn stored(number: i64) -> OrderState {
    let placed_at = DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::minutes(number);
    let seconds = u64::try_from(placed_at.timestamp()).unwrap();
    OrderState {
        id: Uuid::new_v7(Timestamp::from_unix(uuid::NoContext, seconds, 0)),
        key: OrderKey {
            external_id: ExternalOrderId::new((number + 1).to_string()).unwrap(),
            account: ChannelAccount::shopify("acme.myshopify.com"),
        },
        group_id: None,
        channel: ChannelFields {
            name: format!("#{number}"),
            // Not sorted like the time.
            total_minor: number * 7_919 % 10_007,
            placed_at,
            financial_status: None,
            fulfillment_status: None,
            customer: None,
            currency: "USD".into(),
            shipping_fee_minor: 0,
            item_count: 1,
            status: OrderStatus::Pending,
        },
        status: OrderStatus::ALL[usize::try_from(number).unwrap() % 3],
        tracking_number: None,
        notes: None,
        delivered_at: None,
        deleted_at: None,
        redacted_at: None,
        version: 1,
        clock: ChannelClock::NEVER,
        created_at: placed_at,
        updated_at: placed_at,
    }
}

async fn store_many(app: &TestApp) {
    let rows: Vec<_> = (0..MANY).map(stored).collect();
    for some in rows.chunks(500) {
        let rows = some.iter().map(entity::ActiveModel::from);
        let insert = entity::Entity::insert_many(rows);
        insert.exec_without_returning(&app.db).await.unwrap();
    }
}

async fn page(app: &TestApp, query: &str) -> OrderPage {
    let answer = app.get(&format!("/orders?{query}")).await;
    assert_eq!(answer.status(), StatusCode::OK, "{query}");
    answer.json().await.unwrap()
}

/// The whole list, page by page.
async fn everything(app: &TestApp, query: &str) -> Vec<Uuid> {
    let mut all = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = page(app, &format!("{query}&limit=200{cursor}")).await;
        all.extend(page.data.iter().map(|order: &Order| order.id));
        match page.next_cursor {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

async fn a_jump_finds_the_same_rows_as_reading_page_by_page(app: TestApp) {
    store_many(&app).await;
    for query in [
        "sort=-placedAt",
        "sort=total",
        "status=SHIPPED,PENDING&sort=placedAt",
    ] {
        let all = everything(&app, query).await;
        for offset in [0, 1, 4_999, 5_000, 5_001, 7_321, 10_950, 10_999, 20_000] {
            let page = page(&app, &format!("{query}&limit=60&offset={offset}")).await;
            let found: Vec<_> = page.data.iter().map(|order| order.id).collect();
            let start = offset.min(all.len());
            let end = (offset + 60).min(all.len());
            assert_eq!(found, all[start..end], "{query} at {offset}");
            assert_eq!(page.has_more, end < all.len(), "{query} at {offset}");
        }
    }
}

async fn place_three(app: &TestApp) {
    for id in 1..=3 {
        let today = Utc::now().to_rfc3339();
        let new = order(900_000 + id, 0, json!({"created_at": today}));
        app.deliver(webhook("orders/create", &new)).await;
    }
    assert_eq!(page(app, "limit=1").await.data[0].name, "#900003");
}

async fn a_snapshot_is_not_shifted_by_later_orders(app: TestApp) {
    store_many(&app).await;
    let top = page(&app, "limit=1").await;
    let at = |offset: u64| format!("limit=5&offset={offset}&upTo={}", top.up_to);
    let before = [page(&app, &at(0)).await, page(&app, &at(9_000)).await];
    place_three(&app).await;
    let after = [page(&app, &at(0)).await, page(&app, &at(9_000)).await];
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before.data, after.data);
    }
}

async fn an_older_snapshot_is_found_with_a_later_offset_index(app: TestApp) {
    store_many(&app).await;
    let earlier = page(&app, "limit=1").await.up_to;
    let all = everything(&app, "sort=-placedAt").await;
    place_three(&app).await;
    page(&app, "limit=5&offset=10999").await;
    for offset in [4_996, 4_999, 5_000, 9_000, 9_998] {
        let page = page(&app, &format!("limit=5&offset={offset}&upTo={earlier}")).await;
        let found: Vec<_> = page.data.iter().map(|order| order.id).collect();
        let start = usize::try_from(offset).unwrap();
        assert_eq!(found, all[start..start + 5], "at {offset}");
    }
}

async fn an_old_offset_index_is_replaced(app: TestApp) {
    store_many(&app).await;
    let db = Db::open(&app.store.database_url, 3).await.unwrap();
    let list = OrderQuery::default();
    let up_to = last_id_at(Utc::now());
    // Indexes are old as soon as they are built.
    let indexes = OffsetIndexes::with_lifetime(Duration::ZERO);
    let at = async |offset| {
        let rows = indexes.rows(&db, &list, up_to, offset, 1).await.unwrap();
        rows[0].channel.name.clone()
    };
    indexes.prepare(&db, &list, up_to).await.unwrap();
    assert_eq!(at(9_000).await, format!("#{}", MANY - 9_001));
    // Orders are never deleted in practice. Here it makes an old index return other rows
    // than a new one.
    let newest = DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::minutes(MANY - 1_000);
    let newest = entity::Entity::delete_many().filter(entity::Column::PlacedAt.gte(newest));
    assert_eq!(newest.exec(&app.db).await.unwrap().rows_affected, 1_000);
    let moved = format!("#{}", MANY - 10_001);
    app.until("the index is rebuilt", async || at(9_000).await == moved)
        .await;
}

async fn jumps_have_limits(app: TestApp) {
    for query in ["offset=-1", "offset=100000001", "offset=x", "upTo=x"] {
        let (status, kind, _) = problem(app.get(&format!("/orders?{query}")).await).await;
        assert_eq!(
            (status, kind.as_str()),
            (StatusCode::BAD_REQUEST, "bad-query"),
            "{query}"
        );
    }
    let both = "offset=5&cursor=WyItcGxhY2VkQXQiLHt9XQ";
    let (status, _, body) = problem(app.get(&format!("/orders?{both}")).await).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(
        body["detail"].as_str().unwrap().contains("exclude"),
        "{body}"
    );
}
