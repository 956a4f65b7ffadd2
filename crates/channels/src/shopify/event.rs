//! Translates Shopify's webhooks into events, by topic: most contain a whole order,
//! some only the id of one.
//!
//! Source: Shopify, webhook topics; and privacy law compliance for the last
//! three.

use domain::channels::account::ExternalOrderId;
use domain::channels::data_subject::DataSubject;
use domain::channels::event::ChannelEvent;
use domain::channels::shop;
use serde_json::{Map, Value};

use super::payload::{self, PayloadError};
use super::shape;
use super::topic::Topic;

/// Parses a webhook body of a topic, sent in the name of `shop`.
///
/// Shopify signs only the body. The topic and the shop are in headers, which an
/// attacker could replace on a captured webhook. Therefore a body must have the fields
/// of its topic (`shape`), and a request to erase data must name its shop.
pub fn parse(topic: Topic, shop: &str, raw: &[u8]) -> Result<ChannelEvent, PayloadError> {
    let body = || {
        let body = payload::object(raw)?;
        shape::check(topic, &body).map(|()| body)
    };
    match topic {
        Topic::OrdersCreate
        | Topic::OrdersUpdated
        | Topic::OrdersPaid
        | Topic::OrdersCancelled
        | Topic::OrdersFulfilled
        | Topic::OrdersPartiallyFulfilled => {
            payload::parse(raw).map(|patch| ChannelEvent::OrderChanged(Box::new(patch)))
        }
        Topic::OrdersDelete => id(&body()?, "id").map(ChannelEvent::OrderDeleted),
        Topic::OrdersEdited => {
            id(unwrapped(&body()?, "order_edit"), "order_id").map(ChannelEvent::OrderTouched)
        }
        Topic::RefundsCreate => {
            id(unwrapped(&body()?, "refund"), "order_id").map(ChannelEvent::OrderTouched)
        }
        Topic::CustomersDataRequest => {
            let body = require_shop(shop, body()?)?;
            Ok(ChannelEvent::DataRequested(data_subject(
                &body,
                "orders_requested",
            )))
        }
        Topic::CustomersRedact => {
            let body = require_shop(shop, body()?)?;
            let person = data_subject(&body, "orders_to_redact");
            Ok(ChannelEvent::CustomerRedacted(person))
        }
        Topic::ShopRedact => require_shop(shop, body()?).map(|_| ChannelEvent::AccountRedacted),
    }
}

/// Refuses the body of a privacy request unless it names the shop that the webhook's
/// header names.
fn require_shop(shop: &str, body: Map<String, Value>) -> Result<Map<String, Value>, PayloadError> {
    let named = body.get("shop_domain").and_then(Value::as_str);
    if named.is_some_and(|named| shop::normal(named) == shop::normal(shop)) {
        Ok(body)
    } else {
        Err(PayloadError::OtherShop)
    }
}

/// The content of a body: Shopify wraps it in an object named `wrapper`, but some tools
/// that forward webhooks remove the wrapper.
fn unwrapped<'a>(body: &'a Map<String, Value>, wrapper: &str) -> &'a Map<String, Value> {
    body.get(wrapper).and_then(Value::as_object).unwrap_or(body)
}

fn id(body: &Map<String, Value>, field: &'static str) -> Result<ExternalOrderId, PayloadError> {
    payload::id(body.get(field)).ok_or(PayloadError::BadId(field))
}

/// Reads the field `customer`, and the list of orders in the field named `orders`.
fn data_subject(body: &Map<String, Value>, orders: &str) -> DataSubject {
    let customer = body.get("customer");
    let field = |name| customer.and_then(|customer| customer.get(name));
    let text = |name| field(name).and_then(Value::as_str);
    let listed = body.get(orders).and_then(Value::as_array);
    DataSubject::new(
        payload::id(field("id")).map(|id| id.to_string()),
        text("email"),
        text("phone"),
        listed
            .into_iter()
            .flatten()
            .filter_map(|order| payload::id(Some(order)))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn read(topic: Topic, body: &Value) -> Result<ChannelEvent, PayloadError> {
        parse(topic, "acme.myshopify.com", body.to_string().as_bytes())
    }

    fn order(id: i64) -> ExternalOrderId {
        ExternalOrderId::new(id.to_string()).unwrap()
    }

    #[test]
    fn a_deletion_needs_nothing_but_an_id() {
        let event = read(Topic::OrdersDelete, &json!({"id": 7}));
        assert_eq!(event, Ok(ChannelEvent::OrderDeleted(order(7))));
        let nameless = read(Topic::OrdersDelete, &json!({"name": "#7"}));
        assert_eq!(nameless, Err(PayloadError::MissingField("id")));
    }

    #[test]
    fn edits_and_refunds_name_their_order_wrapped_or_not() {
        for (topic, body) in [
            (
                Topic::OrdersEdited,
                json!({"order_edit": {"id": 1, "order_id": 7}}),
            ),
            (Topic::RefundsCreate, json!({"id": 1, "order_id": "7"})),
            (
                Topic::RefundsCreate,
                json!({"refund": {"id": 1, "order_id": 7}}),
            ),
        ] {
            assert_eq!(read(topic, &body), Ok(ChannelEvent::OrderTouched(order(7))));
        }
    }

    #[test]
    fn privacy_requests_name_a_person_and_their_orders() {
        let body = json!({
            "shop_domain": "acme.myshopify.com",
            "customer": {"id": 1, "email": "Ada@Example.com", "phone": null},
            "orders_to_redact": [7, "8", null]
        });
        let Ok(ChannelEvent::CustomerRedacted(person)) = read(Topic::CustomersRedact, &body) else {
            panic!("expected a redaction");
        };
        assert_eq!(person.email.as_deref(), Some("ada@example.com"));
        assert_eq!(person.orders, [order(7), order(8)]);
    }

    /// A body of each topic as Shopify sends it, also of topics that are not supported.
    fn bodies() -> Vec<(&'static str, Value)> {
        let customer = json!({"id": 207_119_551, "email": "ada@example.com", "phone": null});
        let order = json!({
            "id": 7, "admin_graphql_api_id": "gid://shopify/Order/7", "name": "#7",
            "email": "ada@example.com", "updated_at": "2026-01-01T00:00:00Z", "currency": "USD",
            "total_price": "42.00", "financial_status": "paid", "customer": customer,
            "line_items": [{"id": 1, "quantity": 2}], "refunds": [], "fulfillments": [],
        });
        let with = |base: &Value, more: Value| {
            let mut fields = base.as_object().unwrap().clone();
            fields.extend(more.as_object().unwrap().clone());
            Value::Object(fields)
        };
        let shop = json!({"shop_id": 954_889, "shop_domain": "acme.myshopify.com"});
        let orders = Topic::ALL.iter().filter(|topic| shape::is_order(**topic));
        let mut bodies: Vec<_> = orders
            .map(|topic| (topic.as_str(), order.clone()))
            .collect();
        bodies.extend([
            ("orders/delete", json!({"id": 7})),
            (
                "orders/edited",
                json!({"order_edit": {"id": 1, "order_id": 7}}),
            ),
            (
                "refunds/create",
                json!({"id": 8, "order_id": 7, "created_at": "2026-01-01T00:00:00Z",
                "refund_line_items": [], "transactions": []}),
            ),
            (
                "customers/data_request",
                with(
                    &shop,
                    json!({"orders_requested": [7],
                "customer": customer, "data_request": {"id": 9999}}),
                ),
            ),
            (
                "customers/redact",
                with(
                    &shop,
                    json!({"orders_to_redact": [7], "customer": customer}),
                ),
            ),
            ("shop/redact", shop),
            (
                "fulfillments/update",
                json!({"id": 9, "order_id": 7, "status": "success",
                "updated_at": "2026-01-01T00:00:00Z", "line_items": [], "name": "#7.1"}),
            ),
            (
                "draft_orders/update",
                with(
                    &order,
                    json!({
                "admin_graphql_api_id": "gid://shopify/DraftOrder/7", "status": "open",
                "invoice_url": "https://acme.myshopify.com/1/invoices/2"}),
                ),
            ),
            (
                "checkouts/update",
                json!({"id": 7, "token": "a", "email": "ada@example.com",
                "updated_at": "2026-01-01T00:00:00Z", "currency": "USD", "total_price": "42.00",
                "line_items": [], "abandoned_checkout_url": "https://acme.myshopify.com/1/2"}),
            ),
            (
                "products/update",
                json!({"id": 7, "title": "Mug", "handle": "mug", "variants": [],
                "admin_graphql_api_id": "gid://shopify/Product/7",
                "updated_at": "2026-01-01T00:00:00Z"}),
            ),
            (
                "customers/update",
                json!({"id": 7, "email": "ada@example.com", "currency": "USD",
                "admin_graphql_api_id": "gid://shopify/Customer/7",
                "updated_at": "2026-01-01T00:00:00Z"}),
            ),
            (
                "shop/update",
                json!({"id": 7, "name": "Acme", "email": "shop@example.com",
                "domain": "acme.example", "myshopify_domain": "acme.myshopify.com",
                "currency": "USD", "updated_at": "2026-01-01T00:00:00Z"}),
            ),
            (
                "order_transactions/create",
                json!({"id": 7, "order_id": 7, "kind": "sale",
                "admin_graphql_api_id": "gid://shopify/OrderTransaction/7"}),
            ),
        ]);
        bodies
    }

    /// The event changes nothing.
    fn is_harmless(event: &ChannelEvent) -> bool {
        matches!(event, ChannelEvent::OrderTouched(_))
    }

    #[test]
    fn a_body_signed_under_one_topic_does_nothing_else_under_another() {
        let bodies = bodies();
        for (own, body) in &bodies {
            let meant = Topic::parse(own).map(|topic| read(topic, body));
            assert!(!matches!(meant, Some(Err(_))), "{own}: {meant:?}");
            for other in Topic::ALL {
                let Ok(event) = read(other, body) else {
                    continue;
                };
                let same = meant
                    .as_ref()
                    .is_some_and(|meant| *meant == Ok(event.clone()));
                assert!(same || is_harmless(&event), "{own} as {other}: {event:?}");
            }
        }
        let tried: Vec<_> = bodies.iter().map(|(topic, _)| *topic).collect();
        assert!(
            Topic::ALL
                .iter()
                .all(|topic| tried.contains(&topic.as_str()))
        );
    }

    #[test]
    fn a_privacy_request_is_refused_unless_it_names_its_shop() {
        let other = json!({"shop_id": 1, "shop_domain": "other.myshopify.com"});
        assert_eq!(
            read(Topic::ShopRedact, &other),
            Err(PayloadError::OtherShop)
        );
        for spelling in ["Acme.myshopify.com", "acme.myshopify.com."] {
            let own = json!({"shop_domain": spelling});
            assert_eq!(
                read(Topic::ShopRedact, &own),
                Ok(ChannelEvent::AccountRedacted)
            );
        }
    }

    #[test]
    fn a_request_to_erase_is_refused_with_a_field_of_another_topic() {
        for (own, body) in bodies() {
            let Some(topic) = Topic::parse(own).filter(|topic| shape::is_exact(*topic)) else {
                continue;
            };
            let mut more = body.as_object().unwrap().clone();
            more.insert("something_else".into(), json!(1));
            assert_eq!(
                read(topic, &Value::Object(more)),
                Err(PayloadError::OtherTopic("something_else".into())),
                "{own}"
            );
        }
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(
            topic in prop::sample::select(Topic::ALL.to_vec()),
            body in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            let _ = parse(topic, "acme.myshopify.com", &body);
        }
    }
}
