//! Pages as the server renders them.

use axum::http::StatusCode;
use domain::pages::Page;
use serde_json::json;

use crate::helpers::{TestApp, order, webhook};
use crate::on_both_backends;

on_both_backends! {
    every_page_is_rendered_with_its_data_and_loads_its_own_bundle,
    an_address_without_a_page_is_not_found,
}

async fn every_page_is_rendered_with_its_data_and_loads_its_own_bundle(app: TestApp) {
    app.deliver(webhook(
        "orders/create",
        &order(7, 0, json!({"name": "#4711"})),
    ))
    .await;
    for page in Page::ALL {
        for path in [page.path().to_owned(), format!("{}?q=x", page.path())] {
            let response = app.get(&path).await;
            assert_eq!(response.status(), StatusCode::OK, "{path}");
            let text = response.text().await.unwrap();
            assert!(text.contains(&format!("{}.js", page.bundle())), "{path}");
            assert!(
                text.contains(page.label()) && text.contains("</html>"),
                "{path}"
            );
        }
    }
    let orders = app.get(Page::Orders.path()).await.text().await.unwrap();
    assert!(orders.contains("#4711"));
    let inbox = app.get(Page::Deliveries.path()).await.text().await.unwrap();
    assert!(inbox.contains("orders/create"));
}

async fn an_address_without_a_page_is_not_found(app: TestApp) {
    let response = app.get("/dashboard/elsewhere").await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    let text = response.text().await.unwrap();
    assert!(text.contains("There is nothing here"));
}
