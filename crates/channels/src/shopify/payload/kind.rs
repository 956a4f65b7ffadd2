//! Whether a body is an order. Only bodies are signed, not the topic they are sent
//! under: what was sent as something else must not be taken for an order.

use domain::wire::ShopifyOrderId;
use serde_json::{Map, Value};

use super::{PayloadError, object};

/// Says what kind of thing a body is about.
pub(super) const GLOBAL_ID: &str = "admin_graphql_api_id";

/// What the global id of an order begins with.
const ORDER_ID: &str = "gid://shopify/Order/";

/// Fields of which an order has at least one, and little else that Shopify sends.
const ORDER: [&str; 9] = [
    "financial_status",
    "fulfillment_status",
    "total_price",
    "line_items",
    "cancelled_at",
    "fulfillments",
    "customer",
    "billing_address",
    "shipping_address",
];

/// Fields of what is signed with the same secret and resembles an order: refunds,
/// fulfillments and payments; checkouts; drafts; products; the shop.
pub(super) const NOT_AN_ORDER: [&str; 5] = [
    "order_id",
    "abandoned_checkout_url",
    "invoice_url",
    "variants",
    "myshopify_domain",
];

/// Refuses a body that is not an order. `order` is what was kept of it.
pub(super) fn check(order: &Map<String, Value>, body: &[u8]) -> Result<(), PayloadError> {
    let present = |field: &str| order.get(field).filter(|value| !value.is_null());
    if let Some(field) = NOT_AN_ORDER.iter().find(|field| present(field).is_some()) {
        return Err(PayloadError::NotAnOrder(field));
    }
    let is_order = match present(GLOBAL_ID) {
        Some(id) => id.as_str().is_some_and(|id| {
            let number = id.strip_prefix(ORDER_ID);
            number.is_some_and(|number| number.parse::<ShopifyOrderId>().is_ok())
        }),
        None => ORDER.iter().any(|field| order.contains_key(*field)) || is_thin(order, body),
    };
    is_order.then_some(()).ok_or(PayloadError::NoOrderField)
}

/// A body without proof that it is an order, and without a sign that it is not.
fn is_thin(order: &Map<String, Value>, body: &[u8]) -> bool {
    !order.contains_key(GLOBAL_ID)
        && object(body).is_ok_and(|whole| OTHERS.iter().all(|field| !whole.contains_key(*field)))
}

/// Fields of what has an id and a time like an order, but perhaps no global id:
/// segments, collections, products, publications, themes, locations, customers,
/// gift cards, price rules, payment terms, domains.
const OTHERS: [&str; 21] = [
    "query",
    "title",
    "handle",
    "body_html",
    "product_id",
    "collection_id",
    "product_listing",
    "role",
    "theme_store_id",
    "address1",
    "active",
    "localized_province_name",
    "verified_email",
    "orders_count",
    "balance",
    "initial_value",
    "value_type",
    "due_in_days",
    "payment_schedules",
    "host",
    "sku",
];
