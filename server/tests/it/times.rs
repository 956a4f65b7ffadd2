//! Unusual times are stored the same way on both databases, and are returned in RFC 3339.

use chrono::DateTime;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::helpers::{TestApp, order, problem, webhook};
use crate::on_both_backends;

on_both_backends! {
    a_leap_second_is_stored_as_the_last_microsecond_before_it,
    times_in_years_of_five_digits_are_not_accepted,
}

/// The orders that were placed between two times.
async fn placed(app: &TestApp, from: &str, to: &str) -> Vec<Value> {
    let path = format!("/orders?placedFrom={from}&placedTo={to}");
    let page: Value = app.get(&path).await.json().await.unwrap();
    page["data"].as_array().unwrap().clone()
}

async fn a_leap_second_is_stored_as_the_last_microsecond_before_it(app: TestApp) {
    let times = json!({"created_at": "2016-12-31T23:59:60Z",
        "updated_at": "2016-12-31T23:59:60.25Z"});
    let leap = webhook("orders/create", &order(1, 0, times));
    app.deliver(leap.with("X-Shopify-Triggered-At", "2016-12-31T23:59:60Z"))
        .await;
    let found = placed(&app, "2016-12-31T00:00:00Z", "2017-01-01T00:00:00Z").await;
    assert_eq!(found.len(), 1);
    for field in ["placedAt", "lastExternalUpdatedAt"] {
        assert_eq!(found[0][field], "2016-12-31T23:59:59.999999Z", "{field}");
    }
    assert!(
        placed(&app, "2017-01-01T00:00:00Z", "2018-01-01T00:00:00Z")
            .await
            .is_empty()
    );
    // The same in a filter.
    let found = placed(&app, "2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z").await;
    assert_eq!(found.len(), 1);
}

async fn times_in_years_of_five_digits_are_not_accepted(app: TestApp) {
    let late = json!({"created_at": "9999-12-31T23:59:59-12:00"});
    app.deliver(webhook("orders/create", &order(1, 0, late)))
        .await;
    let delivery = app.deliveries().await.remove(0);
    assert_eq!(delivery.error.as_deref(), Some("could not read created_at"));
    let last = json!({"created_at": "9999-12-31T23:59:59.9999999Z"});
    app.deliver(webhook("orders/create", &order(2, 0, last)))
        .await;
    let page: Value = app.get("/orders").await.json().await.unwrap();
    for order in page["data"].as_array().unwrap() {
        for (field, value) in order.as_object().unwrap() {
            if field.ends_with("At") && !value.is_null() {
                let time = value.as_str().unwrap();
                assert!(
                    DateTime::parse_from_rfc3339(time).is_ok(),
                    "{field}: {time}"
                );
            }
        }
    }
    let found = placed(&app, "9999-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z").await;
    assert!(found.is_empty());

    let unreadable = json!({"updated_at": "9999-12-31T23:59:59-12:00"});
    let refused = webhook("orders/create", &order(3, 0, unreadable))
        .send(&app)
        .await;
    let (status, kind, _) = problem(refused).await;
    assert_eq!(
        (status, kind.as_str()),
        (StatusCode::UNPROCESSABLE_ENTITY, "not-an-order")
    );
    // RFC 3339 has no years of five digits.
    let refused = app
        .get("/orders?placedFrom=9999-12-31T23:59:59-12:00")
        .await;
    assert_eq!(problem(refused).await.0, StatusCode::BAD_REQUEST);
}
