//! What a webhook says, by topic: most carry an order, some only point at one.
//!
//! Source: Shopify, webhook topics; and privacy law compliance for the last
//! three.

use serde_json::{Map, Value};

use crate::order::ShopifyOrderId;
use crate::payload::{self, OrderPatch, PayloadError};
use crate::topic::Topic;

/// The content of a webhook.
#[derive(Debug, Clone, PartialEq)]
pub enum Notice {
    /// The whole order, as it is now.
    Order(Box<OrderPatch>),
    /// The order was deleted.
    Deleted(ShopifyOrderId),
    /// Something happened around an order: an edit, a refund. The order itself
    /// follows in an `orders/updated`, so there is nothing to apply.
    Around(ShopifyOrderId),
    /// A customer wants to know what is stored about them.
    DataRequest(Person),
    /// A customer's personal data must go.
    RedactCustomer(Person),
    /// Everything about the sending shop must go.
    RedactShop,
}

/// Whom a privacy request is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Their e-mail address, lower case, when the request names it.
    pub email: Option<String>,
    /// Their orders, as far as the request names them.
    pub orders: Vec<ShopifyOrderId>,
}

impl Notice {
    /// Reads a webhook body of a topic, sent in the name of `shop`.
    ///
    /// Shopify signs the body alone: topic and shop travel in headers anybody
    /// could exchange on a webhook they got hold of. So what destroys something
    /// must say so in its body.
    pub fn parse(topic: Topic, shop: &str, body: &[u8]) -> Result<Self, PayloadError> {
        match topic {
            Topic::OrdersCreate
            | Topic::OrdersUpdated
            | Topic::OrdersPaid
            | Topic::OrdersCancelled
            | Topic::OrdersFulfilled
            | Topic::OrdersPartiallyFulfilled => {
                payload::parse(body).map(|patch| Self::Order(Box::new(patch)))
            }
            Topic::OrdersDelete => {
                let body = payload::object(body)?;
                if body.contains_key("updated_at") || body.contains_key("line_items") {
                    return Err(PayloadError::NotADeletion);
                }
                id(&body, "id").map(Self::Deleted)
            }
            Topic::OrdersEdited => {
                let body = payload::object(body)?;
                id(inner(&body, "order_edit"), "order_id").map(Self::Around)
            }
            Topic::RefundsCreate => {
                let body = payload::object(body)?;
                id(inner(&body, "refund"), "order_id").map(Self::Around)
            }
            Topic::CustomersDataRequest => {
                let body = addressed_to(shop, body)?;
                Ok(Self::DataRequest(person(&body, "orders_requested")))
            }
            Topic::CustomersRedact => {
                let body = addressed_to(shop, body)?;
                Ok(Self::RedactCustomer(person(&body, "orders_to_redact")))
            }
            Topic::ShopRedact => addressed_to(shop, body).map(|_| Self::RedactShop),
        }
    }
}

/// A privacy request, whose body names the shop it is about.
fn addressed_to(shop: &str, body: &[u8]) -> Result<Map<String, Value>, PayloadError> {
    let body = payload::object(body)?;
    let named = body.get("shop_domain").and_then(Value::as_str);
    if named.is_some_and(|named| named.trim().eq_ignore_ascii_case(shop)) {
        Ok(body)
    } else {
        Err(PayloadError::OtherShop)
    }
}

/// Some payloads wrap their content in an object, and some tools unwrap it.
fn inner<'a>(body: &'a Map<String, Value>, wrapper: &str) -> &'a Map<String, Value> {
    body.get(wrapper).and_then(Value::as_object).unwrap_or(body)
}

fn id(body: &Map<String, Value>, field: &'static str) -> Result<ShopifyOrderId, PayloadError> {
    payload::id(body.get(field)).ok_or(PayloadError::BadId(field))
}

fn person(body: &Map<String, Value>, orders: &str) -> Person {
    let email = body
        .get("customer")
        .and_then(|customer| customer.get("email"));
    let orders = body.get(orders).and_then(Value::as_array);
    Person {
        email: email
            .and_then(Value::as_str)
            .map(|email| crate::case::lower(email.trim()))
            .filter(|email| !email.is_empty()),
        orders: orders
            .into_iter()
            .flatten()
            .filter_map(|order| payload::id(Some(order)))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn read(topic: Topic, body: &Value) -> Result<Notice, PayloadError> {
        Notice::parse(topic, "acme.myshopify.com", body.to_string().as_bytes())
    }

    fn order(id: i64) -> ShopifyOrderId {
        ShopifyOrderId::new(id).unwrap()
    }

    #[test]
    fn a_deletion_needs_nothing_but_an_id() {
        let notice = read(Topic::OrdersDelete, &json!({"id": 7}));
        assert_eq!(notice, Ok(Notice::Deleted(order(7))));
        let nameless = read(Topic::OrdersDelete, &json!({"name": "#7"}));
        assert_eq!(nameless, Err(PayloadError::BadId("id")));
    }

    #[test]
    fn edits_and_refunds_point_at_their_order_wrapped_or_not() {
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
            assert_eq!(read(topic, &body), Ok(Notice::Around(order(7))));
        }
    }

    #[test]
    fn privacy_requests_name_a_person_and_their_orders() {
        let body = json!({
            "shop_domain": "acme.myshopify.com",
            "customer": {"id": 1, "email": "Ada@Example.com", "phone": null},
            "orders_to_redact": [7, "8", null]
        });
        let Ok(Notice::RedactCustomer(person)) = read(Topic::CustomersRedact, &body) else {
            panic!("expected a redaction");
        };
        assert_eq!(person.email.as_deref(), Some("ada@example.com"));
        assert_eq!(person.orders, [order(7), order(8)]);
    }

    #[test]
    fn a_signed_order_under_a_destructive_topic_destroys_nothing() {
        let order = json!({"id": 7, "updated_at": "2026-01-01T00:00:00Z", "line_items": []});
        assert_eq!(
            read(Topic::OrdersDelete, &order),
            Err(PayloadError::NotADeletion)
        );
        assert_eq!(
            read(Topic::ShopRedact, &order),
            Err(PayloadError::OtherShop)
        );
        assert_eq!(
            read(Topic::CustomersRedact, &order),
            Err(PayloadError::OtherShop)
        );
        let other = json!({"shop_domain": "other.myshopify.com"});
        assert_eq!(
            read(Topic::ShopRedact, &other),
            Err(PayloadError::OtherShop)
        );
        let own = json!({"shop_domain": "Acme.myshopify.com"});
        assert_eq!(read(Topic::ShopRedact, &own), Ok(Notice::RedactShop));
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(
            topic in prop::sample::select(Topic::ALL.to_vec()),
            body in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            let _ = Notice::parse(topic, "acme.myshopify.com", &body);
        }
    }
}
