//! Order payloads, complete, incomplete and malformed.

use super::*;
use proptest::prelude::*;
use serde_json::json;

fn read(value: &Value) -> OrderPatch {
    parse(value.to_string().as_bytes()).unwrap()
}

#[test]
fn an_id_and_a_time_are_enough() {
    let patch =
        read(&json!({"id": "820982911946154508", "updated_at": "2026-01-02T03:04:05-05:00"}));
    assert_eq!(patch.external_id.as_str(), "820982911946154508");
    assert_eq!(patch.updated_at.to_rfc3339(), "2026-01-02T08:04:05+00:00");
    assert_eq!((patch.cancelled, patch.all_delivered), (None, None));
    assert!(patch.problems.is_empty());
}

#[test]
fn a_body_with_a_field_of_another_resource_needs_a_field_of_an_order() {
    let theme = json!({"id": 1, "updated_at": "2026-01-01T00:00:00Z", "role": "main"});
    let refused = parse(theme.to_string().as_bytes());
    assert_eq!(refused, Err(PayloadError::NoOrderField));
    for proof in [
        json!({"admin_graphql_api_id": "gid://shopify/Order/1"}),
        json!({"financial_status": null}),
    ] {
        let mut order = theme.as_object().unwrap().clone();
        order.extend(proof.as_object().unwrap().clone());
        read(&Value::Object(order));
    }
}

#[test]
fn a_body_that_is_not_an_order_is_refused_with_the_reason() {
    for (body, error) in [
        ("[1]", PayloadError::NotAnObject),
        (
            r#"{"updated_at":"2026-01-01T00:00:00Z"}"#,
            PayloadError::BadId("id"),
        ),
        (
            r#"{"id":1.5,"updated_at":"2026-01-01T00:00:00Z"}"#,
            PayloadError::BadId("id"),
        ),
        (
            r#"{"id":-1,"updated_at":"2026-01-01T00:00:00Z"}"#,
            PayloadError::BadId("id"),
        ),
        (r#"{"id":1}"#, PayloadError::BadUpdatedAt),
        (
            r#"{"id":1,"updated_at":"yesterday"}"#,
            PayloadError::BadUpdatedAt,
        ),
    ] {
        assert_eq!(parse(body.as_bytes()), Err(error), "{body}");
    }
    assert!(matches!(parse(b"{"), Err(PayloadError::NotJson(_))));
}

#[test]
fn a_field_of_the_wrong_shape_is_skipped_and_named() {
    let patch = read(&json!({
        "id": 1, "updated_at": "2026-01-01T00:00:00Z",
        "total_price": "a lot", "name": 7, "line_items": {}, "currency": "USD"
    }));
    assert_eq!(patch.currency.as_deref(), Some("USD"));
    assert_eq!(patch.total, None);
    assert_eq!(patch.problems, ["name", "total_price", "line_items"]);
}

#[test]
fn a_redacted_customer_is_cleared_and_a_missing_one_is_kept() {
    let base = json!({"id": 1, "updated_at": "2026-01-01T00:00:00Z"});
    assert_eq!(read(&base).customer, None);
    let mut redacted = base.clone();
    redacted["customer"] = Value::Null;
    assert_eq!(read(&redacted).customer, Some(None));
    let mut mail_only = base;
    mail_only["customer"] = json!({"first_name": null, "email": "ada@example.com"});
    let customer = read(&mail_only).customer.flatten().unwrap();
    assert_eq!(customer.name, None);
    assert_eq!(customer.email.as_deref(), Some("ada@example.com"));
}

#[test]
fn an_order_is_delivered_when_all_its_active_shipments_are() {
    let shipments = |second: &str| {
        json!({
            "id": 1, "updated_at": "2026-01-01T00:00:00Z", "fulfillment_status": "fulfilled",
            "fulfillments": [
                {"status": "failure", "shipment_status": null},
                {"shipment_status": "delivered", "updated_at": "2025-12-30T00:00:00Z"},
                {"shipment_status": second, "updated_at": "2025-12-31T00:00:00Z"},
            ]
        })
    };
    assert_eq!(read(&shipments("in_transit")).all_delivered, Some(false));
    let delivered = read(&shipments("delivered"));
    assert_eq!(delivered.all_delivered, Some(true));
    assert_eq!(
        delivered.delivered_at.unwrap().to_rfc3339(),
        "2025-12-31T00:00:00+00:00"
    );
}

#[test]
fn text_is_trimmed_cut_and_free_of_control_characters() {
    let patch = read(&json!({
        "id": 1, "updated_at": "2026-01-01T00:00:00Z",
        "name": format!(" #1\u{0}{} ", "x".repeat(400))
    }));
    let name = patch.name.unwrap();
    assert_eq!(name.chars().count(), MAX_TEXT);
    assert!(name.starts_with("#1x"));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        Just(Value::from("2026-01-01T00:00:00Z")),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z_]{1,10}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&body);
    }

    #[test]
    fn arbitrary_values_in_known_fields_never_panic(
        values in prop::collection::vec(any_json(), 16)
    ) {
        const FIELDS: [&str; 16] = [
            "name", "financial_status", "fulfillment_status", "customer", "email",
            "contact_email", "billing_address", "shipping_address", "currency",
            "total_price", "line_items", "fulfillments", "created_at", "cancelled_at",
            "refunds", "tags",
        ];
        let mut order: Map<String, Value> =
            FIELDS.iter().map(ToString::to_string).zip(values).collect();
        order.insert("id".into(), json!(1));
        order.insert("updated_at".into(), json!("2026-01-01T00:00:00Z"));
        prop_assert!(parse(Value::Object(order).to_string().as_bytes()).is_ok());
    }
}
