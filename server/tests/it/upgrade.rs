//! Upgrades of databases of earlier versions.

use domain::wire::ShopList;
use migrations::{Migrator, MigratorTrait};
use sea_orm::ConnectionTrait;
use serde_json::json;

use crate::helpers::{TestApp, order, webhook};
use crate::on_both_backends;

on_both_backends! {
    shops_of_several_spellings_become_one,
}

async fn shops_of_several_spellings_become_one(app: TestApp) {
    for id in 1..=3 {
        app.deliver(webhook("orders/create", &order(id, 0, json!({}))))
            .await;
    }
    Migrator::down(&app.db, Some(2)).await.unwrap();
    let sql = async |sql: &str| app.db.execute_unprepared(sql).await.unwrap();
    sql("UPDATE orders SET shop = 'ACME.MyShopify.com.' WHERE shopify_order_id = 1").await;
    sql("UPDATE deliveries SET shop = 'ACME.MyShopify.com.'").await;
    // The same order exists under two spellings, and neither may be lost.
    sql(
        "UPDATE orders SET shop = 'Acme.myshopify.com', shopify_order_id = 2
         WHERE shopify_order_id = 3",
    )
    .await;

    let app = app.restart().await;
    let orders = app.orders().await;
    let spelled: Vec<_> = orders.iter().map(|order| order.shop.as_str()).collect();
    assert_eq!(spelled.len(), 3);
    let right = spelled.iter().filter(|shop| **shop == "acme.myshopify.com");
    assert_eq!(right.count(), 2, "{spelled:?}");
    assert!(spelled.contains(&"Acme.myshopify.com"));
    for delivery in app.deliveries().await {
        assert_eq!(delivery.shop, "acme.myshopify.com");
    }
    let shops: ShopList = app.get("/shops").await.json().await.unwrap();
    let shops: Vec<_> = shops.data.iter().map(|shop| shop.shop.as_str()).collect();
    assert_eq!(shops, ["acme.myshopify.com"]);
    // Later webhooks continue the existing order.
    let more = json!({"total_price": "5.00"});
    app.deliver(webhook("orders/updated", &order(1, 9, more)))
        .await;
    assert_eq!(app.orders().await.len(), 3);
}
