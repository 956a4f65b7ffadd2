//! Whether a body is an order. Shopify signs only the body, not the topic, so a signed
//! body of another resource must not be accepted as an order.

use domain::wire::ShopifyOrderId;
use serde_json::{Map, Value};

use super::{PayloadError, object};

/// The field with the global id, which names the type of a resource.
pub(super) const GLOBAL_ID: &str = "admin_graphql_api_id";

/// The global id of an order begins with this.
const ORDER_PREFIX: &str = "gid://shopify/Order/";

/// An order has at least one of these fields; few other resources of Shopify do.
const FIELDS_OF_ORDERS: [&str; 9] = [
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

/// No order has one of these fields, but resources that resemble an order and are
/// signed with the same secret do: refunds, fulfillments and payments; checkouts;
/// drafts; products; the shop.
pub(super) const FIELDS_NO_ORDER_HAS: [&str; 5] = [
    "order_id",
    "abandoned_checkout_url",
    "invoice_url",
    "variants",
    "myshopify_domain",
];

/// Refuses a body that is not an order. `order` has those of its fields that are read.
pub(super) fn check(order: &Map<String, Value>, body: &[u8]) -> Result<(), PayloadError> {
    let present = |field: &str| order.get(field).filter(|value| !value.is_null());
    if let Some(field) = FIELDS_NO_ORDER_HAS
        .iter()
        .find(|field| present(field).is_some())
    {
        return Err(PayloadError::NotAnOrder(field));
    }
    let is_order = match present(GLOBAL_ID) {
        Some(id) => id.as_str().is_some_and(|id| {
            let number = id.strip_prefix(ORDER_PREFIX);
            number.is_some_and(|number| number.parse::<ShopifyOrderId>().is_ok())
        }),
        None => {
            FIELDS_OF_ORDERS
                .iter()
                .any(|field| order.contains_key(*field))
                || may_be_order(order, body)
        }
    };
    is_order.then_some(()).ok_or(PayloadError::NoOrderField)
}

/// The body has no field that proves that it is an order, but also none of another
/// resource.
fn may_be_order(order: &Map<String, Value>, body: &[u8]) -> bool {
    !order.contains_key(GLOBAL_ID)
        && object(body).is_ok_and(|whole| {
            FIELDS_OF_OTHERS
                .iter()
                .all(|field| !whole.contains_key(*field))
        })
}

/// Fields of resources that have an id and a time like an order, but may have no global
/// id: segments, collections, products, publications, themes, locations, customers,
/// gift cards, price rules, payment terms, domains.
const FIELDS_OF_OTHERS: [&str; 21] = [
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
