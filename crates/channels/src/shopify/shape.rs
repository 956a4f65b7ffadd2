//! What a body of a topic looks like. Only bodies are signed, not the topic they
//! are sent under: a body must not be taken for one of another topic.
//!
//! Source: Shopify, webhook topics; and privacy law compliance for what erases.

use serde_json::{Map, Value};

use super::payload::PayloadError;
use super::topic::Topic;

/// The fields by which a body is known.
enum Shape {
    /// An order; `payload` refuses what is none.
    Order,
    /// Points at an order, and changes nothing by itself.
    Pointer,
    /// What erases: these fields, perhaps some of those, and no other. A body
    /// with another field belongs to another topic, perhaps one that is new.
    Exact {
        must: &'static [&'static str],
        may: &'static [&'static str],
    },
}

/// Every topic has to be given one: a new topic does not compile without.
const fn shape(topic: Topic) -> Shape {
    match topic {
        Topic::OrdersCreate
        | Topic::OrdersUpdated
        | Topic::OrdersPaid
        | Topic::OrdersCancelled
        | Topic::OrdersFulfilled
        | Topic::OrdersPartiallyFulfilled => Shape::Order,
        Topic::OrdersEdited | Topic::RefundsCreate => Shape::Pointer,
        Topic::OrdersDelete => Shape::Exact {
            must: &["id"],
            may: &[],
        },
        Topic::CustomersDataRequest => Shape::Exact {
            must: &["shop_domain", "customer", "orders_requested"],
            may: &["shop_id", "data_request"],
        },
        Topic::CustomersRedact => Shape::Exact {
            must: &["shop_domain", "customer", "orders_to_redact"],
            may: &["shop_id"],
        },
        Topic::ShopRedact => Shape::Exact {
            must: &["shop_domain"],
            may: &["shop_id"],
        },
    }
}

/// Refuses a body that is not one of its topic.
pub(super) fn check(topic: Topic, body: &Map<String, Value>) -> Result<(), PayloadError> {
    let Shape::Exact { must, may } = shape(topic) else {
        return Ok(());
    };
    if let Some(missing) = must.iter().find(|field| !body.contains_key(**field)) {
        return Err(PayloadError::MissingField(missing));
    }
    let is_known = |field: &str| must.contains(&field) || may.contains(&field);
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
