//! Orders that the release before wrote, which knew Shopify's number only, and writes of
//! an instance of it that still runs during an upgrade.

use migrations::{Migrator, MigratorTrait};
use sea_orm::ConnectionTrait;
use serde_json::json;

use crate::helpers::{TestApp, order, webhook};
use crate::on_both_backends;

on_both_backends! {
    orders_of_the_release_before_are_shown_unchanged_and_change_on,
    an_instance_of_the_release_before_writes_orders_beside_this_one,
}

async fn orders_of_the_release_before_are_shown_unchanged_and_change_on(app: TestApp) {
    for id in 1..=3 {
        app.deliver(webhook("orders/create", &order(id, 0, json!({}))))
            .await;
    }
    let before = app.orders().await;
    Migrator::down(&app.db, Some(1)).await.unwrap();

    let app = app.restart().await;
    assert_eq!(app.orders().await, before);
    let more = json!({"total_price": "5.00"});
    app.deliver(webhook("orders/updated", &order(1, 9, more)))
        .await;
    let after = app.orders().await;
    assert_eq!(after.len(), before.len());
    let changed = after.iter().find(|order| order.version == 2).unwrap();
    assert_eq!(changed.total, "5.00");
    assert!(before.iter().any(|order| order.id == changed.id));
}

/// What the release before writes, as far as keys are concerned.
const OLD_UPSERT: &str = "
    INSERT INTO orders (id, shop, shopify_order_id, name, status, channel_status, currency,
                        total_minor, shipping_fee_minor, item_count, version, placed_at,
                        external_updated_at, external_triggered_at, external_digest,
                        search_text, created_at, updated_at)
    SELECT {id}, shop, {number}, name, status, channel_status, currency, total_minor,
           shipping_fee_minor, item_count, version, placed_at, external_updated_at,
           external_triggered_at, external_digest, search_text, created_at, updated_at
    FROM orders WHERE shopify_order_id = 1
    ON CONFLICT (shop, shopify_order_id) DO UPDATE SET notes = 'by the release before'
    WHERE orders.id = excluded.id";

async fn an_instance_of_the_release_before_writes_orders_beside_this_one(app: TestApp) {
    app.deliver(webhook("orders/create", &order(1, 0, json!({}))))
        .await;
    let write = async |id: &str, number: &str| {
        let sql = OLD_UPSERT.replace("{id}", id).replace("{number}", number);
        app.db.execute_unprepared(&sql).await.unwrap();
    };
    // An order that this release has written, and one that it has not heard of.
    write("id", "shopify_order_id").await;
    let new_id = match app.db.get_database_backend() {
        sea_orm::DbBackend::Sqlite => "randomblob(16)",
        _ => "gen_random_uuid()",
    };
    write(new_id, "2").await;
    let notes: Vec<_> = app.orders().await.into_iter().map(|it| it.notes).collect();
    assert_eq!(notes.len(), 2);
    assert!(notes.contains(&Some("by the release before".to_owned())));

    for id in [1, 2] {
        let more = json!({"total_price": "5.00"});
        app.deliver(webhook("orders/updated", &order(id, 9, more)))
            .await;
    }
    let orders = app.orders().await;
    assert_eq!(orders.len(), 2);
    assert!(
        orders
            .iter()
            .all(|order| order.version == 2 && order.total == "5.00")
    );
}
