//! One signed body that is sent under invented shop names and other topics.

use domain::wire::{OrderPage, ShopList};
use reqwest::StatusCode;
use serde_json::json;

use super::target::Target;
use super::webhooks::{order, webhook};

async fn list(target: &Target) -> ShopList {
    let answer = target.http.get(format!("{}/shops", target.url));
    answer.send().await.unwrap().json().await.unwrap()
}

async fn total(target: &Target) -> u64 {
    let answer = target.http.get(format!("{}/orders", target.url));
    let page: OrderPage = answer.send().await.unwrap().json().await.unwrap();
    page.total
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_most_twenty_new_shops_are_accepted_within_an_hour() {
    let target = Target::start(&[]).await;
    target
        .attack(30, async {
            let mut refused = 0;
            for number in 0..40 {
                let sent = (0..50).map(|other| {
                    let shop = format!("made-up-{number}-{other}.myshopify.com");
                    webhook(&target.http, &target, "orders/create", &shop, &order(7)).send()
                });
                for answer in futures::future::join_all(sent).await {
                    let answer = answer.unwrap();
                    match answer.status() {
                        StatusCode::OK => {}
                        StatusCode::SERVICE_UNAVAILABLE => {
                            assert!(answer.headers().contains_key("retry-after"));
                            refused += 1;
                        }
                        other => panic!("{other}"),
                    }
                }
            }
            // The shop of the webhooks that are sent meanwhile is one of the twenty.
            assert!((1_980..=1_981).contains(&refused), "{refused}");
        })
        .await;
    assert_eq!(list(&target).await.data.len(), 20);
    target
        .until("the accepted webhooks are applied", async || {
            (19..=20).contains(&total(&target).await)
        })
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_spelling_of_a_shop_is_one_shop_and_impossible_names_are_refused() {
    let target = Target::start(&[]).await;
    let sent = async |shop: &str| {
        let sent = webhook(&target.http, &target, "orders/create", shop, &order(7));
        sent.send().await.unwrap().status()
    };
    for spelling in [
        "globex.myshopify.com",
        "Globex.MyShopify.COM",
        "globex.myshopify.com.",
    ] {
        assert_eq!(sent(spelling).await, StatusCode::OK, "{spelling}");
    }
    for name in [
        "globex.example.com",
        "myshopify.com",
        "a.b.myshopify.com",
        "x",
    ] {
        assert_eq!(sent(name).await, StatusCode::BAD_REQUEST, "{name}");
    }
    let shops: Vec<_> = list(&target).await.data;
    assert_eq!(shops.len(), 1, "{shops:?}");
    target
        .until("the order is there", async || total(&target).await > 0)
        .await;
    assert_eq!(total(&target).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_configured_shops_are_accepted() {
    let shops = ("SHOPIFY_SHOPS", "acme.myshopify.com,Globex.myshopify.com");
    let target = Target::start(&[shops]).await;
    let sent = async |shop: &str| {
        let sent = webhook(&target.http, &target, "orders/create", shop, &order(7));
        sent.send().await.unwrap().status()
    };
    assert_eq!(sent("globex.myshopify.com").await, StatusCode::OK);
    assert_eq!(sent("other.myshopify.com").await, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signed_body_of_one_privacy_topic_erases_nothing_under_another() {
    let target = Target::start(&[]).await;
    let shop = "globex.myshopify.com";
    let sent = async |topic: &str, body: &serde_json::Value| {
        let sent = webhook(&target.http, &target, topic, shop, body)
            .send()
            .await;
        sent.unwrap().status()
    };
    assert_eq!(sent("orders/create", &order(7)).await, StatusCode::OK);
    target
        .until("the order is there", async || total(&target).await > 0)
        .await;
    let customer = json!({"id": 1, "email": "ada@example.com", "phone": null});
    let asked = json!({"shop_id": 1, "shop_domain": shop, "customer": customer,
        "orders_requested": [7], "data_request": {"id": 9}});
    let erase = json!({"shop_id": 1, "shop_domain": shop, "customer": customer,
        "orders_to_redact": [7]});
    for (body, others) in [
        (&asked, ["customers/redact", "shop/redact", "orders/delete"]),
        (
            &erase,
            ["customers/data_request", "shop/redact", "orders/delete"],
        ),
        (
            &order(7),
            ["customers/redact", "shop/redact", "orders/delete"],
        ),
    ] {
        for topic in others {
            let refused = sent(topic, body).await;
            assert_eq!(refused, StatusCode::UNPROCESSABLE_ENTITY, "{topic}");
        }
    }
    assert_eq!(total(&target).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn removing_a_shop_removes_everything_that_came_from_it() {
    let target = Target::start(&[]).await;
    for shop in ["globex.myshopify.com", "acme.myshopify.com"] {
        let sent = webhook(&target.http, &target, "orders/create", shop, &order(7)).send();
        assert_eq!(sent.await.unwrap().status(), StatusCode::OK);
    }
    target
        .until("both orders are there", async || total(&target).await == 2)
        .await;
    let remove = async |shop: &str| {
        let answer = target.http.delete(format!("{}/shops/{shop}", target.url));
        answer.send().await.unwrap().status()
    };
    assert_eq!(remove("nobody.myshopify.com").await, StatusCode::NOT_FOUND);
    assert_eq!(remove("Globex.myshopify.com").await, StatusCode::ACCEPTED);
    target
        .until("one order is gone, and its shop", async || {
            total(&target).await == 1 && list(&target).await.data.len() == 1
        })
        .await;
    assert_eq!(remove("globex.myshopify.com").await, StatusCode::NOT_FOUND);
}
