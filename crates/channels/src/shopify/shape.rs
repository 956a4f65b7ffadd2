//! Checks that a body has the fields of its topic. Shopify signs only the body, not the
//! topic, so an attacker could send a captured body again under another topic.
//!
//! Source: Shopify, webhook topics; and privacy law compliance for requests to erase.

use serde_json::{Map, Value};

use super::payload::PayloadError;
use super::topic::Topic;

/// The fields that a body must have.
enum Shape {
    /// An order; `payload` refuses a body that is not an order.
    Order,
    /// Names an order and changes nothing by itself, so that no check is needed.
    Reference,
    /// Erases data. The body must have the `required` fields, may have the `optional`
    /// ones, and must have no other: with another field it belongs to another topic,
    /// possibly to one that Shopify has added since.
    Exact {
        required: &'static [&'static str],
        optional: &'static [&'static str],
    },
}

/// The shape of a topic. There is no default, so a new topic does not compile until it
/// has a shape.
const fn shape(topic: Topic) -> Shape {
    match topic {
        Topic::OrdersCreate
        | Topic::OrdersUpdated
        | Topic::OrdersPaid
        | Topic::OrdersCancelled
        | Topic::OrdersFulfilled
        | Topic::OrdersPartiallyFulfilled => Shape::Order,
        Topic::OrdersEdited | Topic::RefundsCreate => Shape::Reference,
        Topic::OrdersDelete => Shape::Exact {
            required: &["id"],
            optional: &[],
        },
        Topic::CustomersDataRequest => Shape::Exact {
            required: &["shop_domain", "customer", "orders_requested"],
            optional: &["shop_id", "data_request"],
        },
        Topic::CustomersRedact => Shape::Exact {
            required: &["shop_domain", "customer", "orders_to_redact"],
            optional: &["shop_id"],
        },
        Topic::ShopRedact => Shape::Exact {
            required: &["shop_domain"],
            optional: &["shop_id"],
        },
    }
}

/// Refuses a body that does not have the fields of its topic.
pub(super) fn check(topic: Topic, body: &Map<String, Value>) -> Result<(), PayloadError> {
    let Shape::Exact { required, optional } = shape(topic) else {
        return Ok(());
    };
    if let Some(missing) = required.iter().find(|field| !body.contains_key(**field)) {
        return Err(PayloadError::MissingField(missing));
    }
    let is_known = |field: &str| required.contains(&field) || optional.contains(&field);
    match body.keys().find(|field| !is_known(field)) {
        Some(other) => Err(PayloadError::OtherTopic(
            other.chars().take(MAX_FIELD).collect(),
        )),
        None => Ok(()),
    }
}

/// Characters of an unexpected field's name that the error quotes, at most.
const MAX_FIELD: usize = 40;

#[cfg(test)]
pub(super) const fn is_order(topic: Topic) -> bool {
    matches!(shape(topic), Shape::Order)
}

#[cfg(test)]
pub(super) const fn is_exact(topic: Topic) -> bool {
    matches!(shape(topic), Shape::Exact { .. })
}
