//! After a request to erase a person's data, nothing of it is left anywhere.

use orders::entities::idempotency_key;
use reqwest::StatusCode;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::helpers::{Backend, TestApp, Webhook, order, webhook};
use crate::on_both_backends;

on_both_backends! {
    a_person_is_erased_from_bodies_that_belong_to_no_order,
    a_former_customer_is_erased_from_an_order_that_stays,
    an_order_with_the_persons_id_and_another_e_mail_address_is_erased,
    the_data_of_other_people_is_kept,
}

const SHOP: &str = "acme.myshopify.com";

fn redact() -> Value {
    json!({"shop_id": 1, "shop_domain": SHOP, "orders_to_redact": [1],
        "customer": {"id": 207_119_551, "email": "ada@example.com", "phone": "+15556251199"}})
}

/// Everything that is stored, as text.
async fn everything(app: &TestApp) -> String {
    let deliveries = app.deliveries().await;
    let bodies: Vec<_> = deliveries
        .iter()
        .map(|delivery| String::from_utf8_lossy(&delivery.payload).into_owned())
        .collect();
    let answers = idempotency_key::Entity::find().all(&app.db).await.unwrap();
    let orders = app.orders().await;
    let events = app.events().await;
    let errors: Vec<_> = deliveries.iter().map(|delivery| &delivery.error).collect();
    format!("{bodies:?} {answers:?} {orders:?} {events:?} {errors:?}").to_lowercase()
}

async fn a_person_is_erased_from_bodies_that_belong_to_no_order(app: TestApp) {
    let customer = json!({"id": 207_119_551, "email": "Ada@Example.com", "tags": "vip"});
    for (topic, body) in [
        // Topics that are not supported; the person is named in different ways.
        ("customers/update", customer.to_string()),
        (
            "carts/update",
            json!({"note": "for ada@example.com"}).to_string(),
        ),
        (
            "customers/enable",
            json!({"id": "207119551", "k": "secret-1"}).to_string(),
        ),
        (
            "checkouts/create",
            json!({"phone": "555-625-1199", "k": "secret-2"}).to_string(),
        ),
        // Bodies that were rejected.
        (
            "orders/create",
            json!({"email": "ada@example.com"}).to_string(),
        ),
        (
            "orders/create",
            "{\"id\": 1, \"email\": \"ada@example.com\"".to_owned(),
        ),
    ] {
        Webhook::raw(topic, body).send(&app).await;
    }
    let kept = json!({"id": 5, "email": "bea@example.com"}).to_string();
    app.deliver(Webhook::raw("customers/update", kept)).await;
    assert!(everything(&app).await.contains("ada@example.com"));

    app.deliver(webhook("customers/redact", &redact())).await;
    let left = everything(&app).await;
    for personal in ["ada@", "207119551", "625-1199", "secret-", "vip"] {
        assert!(!left.contains(personal), "{personal} is left: {left}");
    }
    assert!(left.contains("bea@example.com"));
}

async fn a_former_customer_is_erased_from_an_order_that_stays(app: TestApp) {
    let ada = json!({"customer": {"first_name": "Ada", "email": "ada@example.com"}});
    let bea = json!({"customer": {"first_name": "Bea", "email": "bea@example.com"}});
    app.deliver(webhook("orders/create", &order(2, 0, ada)))
        .await;
    app.deliver(webhook("orders/updated", &order(2, 1, bea)))
        .await;
    let id = app.order().await.id;
    let url = format!("{}/orders/{id}", app.url);
    let edit = json!({"version": 2, "notes": "ask Ada@example.com (+1 555 625 1199), not Bea"});
    let saved = app.http.put(url).header("Idempotency-Key", "k").json(&edit);
    assert_eq!(saved.send().await.unwrap().status(), StatusCode::OK);

    let mut request = redact();
    request["orders_to_redact"] = json!([]);
    app.deliver(webhook("customers/redact", &request)).await;
    let left = everything(&app).await;
    assert!(
        !left.contains("ada@") && !left.contains("625 1199"),
        "{left}"
    );
    let order = app.order().await;
    let left = "ask [redacted] ([redacted]), not Bea";
    assert_eq!(order.notes.as_deref(), Some(left));
    assert_eq!(
        order.customer.unwrap().email.as_deref(),
        Some("bea@example.com")
    );
}

async fn an_order_with_the_persons_id_and_another_e_mail_address_is_erased(app: TestApp) {
    let old = json!({"customer": {"id": 207_119_551, "first_name": "Ada",
        "email": "byron@example.com"}});
    app.deliver(webhook("orders/create", &order(2, 0, old)))
        .await;
    // The order was hers and now belongs to another person.
    let hers = json!({"customer": {"id": 207_119_551, "email": "lovelace@example.com"}});
    let beas = json!({"customer": {"id": 5, "first_name": "Bea", "email": "bea@example.com"}});
    app.deliver(webhook("orders/create", &order(3, 0, hers)))
        .await;
    app.deliver(webhook("orders/updated", &order(3, 1, beas)))
        .await;
    app.deliver(webhook("customers/redact", &redact())).await;
    let orders = app.orders().await;
    let customer = |name: &str| {
        let order = orders.iter().find(|order| order.name == name).unwrap();
        order.customer.clone().and_then(|customer| customer.email)
    };
    assert_eq!(customer("#2"), None);
    assert_eq!(customer("#3").as_deref(), Some("bea@example.com"));
    let left = everything(&app).await;
    assert!(
        !left.contains("byron@") && !left.contains("207119551"),
        "{left}"
    );
}

async fn the_data_of_other_people_is_kept(app: TestApp) {
    let bea = json!({"customer": {"first_name": "Bea", "email": "bea@example.com"}});
    app.deliver(webhook("orders/create", &order(2, 0, bea.clone())))
        .await;
    let elsewhere = webhook("orders/create", &order(1, 0, json!({})));
    app.deliver(elsewhere.with("X-Shopify-Shop-Domain", "other.myshopify.com"))
        .await;
    app.deliver(webhook("customers/redact", &redact())).await;
    let left = everything(&app).await;
    assert!(left.contains("bea@example.com"));
    // The request is for one shop; the person's data at another shop is kept.
    assert!(left.contains("ada@example.com"));
    assert!(app.orders().await.iter().all(|order| order.version == 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_data_of_an_erased_shop_is_left_in_the_database_file() {
    let app = TestApp::spawn(Backend::Sqlite).await;
    let name = json!({"customer": {"first_name": "Zoequibble", "email": "zoe@example.com"}});
    app.deliver(webhook("orders/create", &order(1, 0, name)))
        .await;
    let path = app.store.database_url.strip_prefix("sqlite://").unwrap();
    let path = path.split('?').next().unwrap();
    let found = || {
        ["", "-wal"].iter().any(|end| {
            let bytes = std::fs::read(format!("{path}{end}")).unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes).to_lowercase();
            text.contains("zoequibble")
        })
    };
    assert!(found());
    let shop = json!({"shop_id": 1, "shop_domain": SHOP});
    app.deliver(webhook("shop/redact", &shop)).await;
    app.until("the file no longer contains the data", async || !found())
        .await;
}
