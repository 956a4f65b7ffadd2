//! Parses Shopify's order payload leniently: an order with an unexpected field is worth
//! more than none.
//!
//! Only `id` and `updated_at` are required. A body with fields of another resource that
//! is signed with the same secret is refused. Any other field may be missing, `null`, or
//! of an unknown form: Shopify nulls personal data and extends its enums. A field that
//! cannot be read is skipped and named in [`OrderPatch::problems`]; the order is still
//! accepted.
//!
//! Source: Shopify REST Admin API, resource Order.

use chrono::{DateTime, Utc};
use domain::channels::account::ExternalOrderId;
use domain::money;
use domain::orders::order::Customer;
use domain::orders::patch::OrderPatch;
use domain::time;
use domain::wire::ShopifyOrderId;
use rust_decimal::Decimal;
use serde_json::{Map, Value};

mod kind;
mod selected_fields;

/// Text from the channel is cut to this many characters.
pub const MAX_TEXT: usize = 255;

/// Why a body is not an order.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PayloadError {
    /// The body is not JSON.
    #[error("the body is not valid JSON: {0}")]
    NotJson(String),
    /// The body is JSON, but not an object.
    #[error("the body is not a JSON object")]
    NotAnObject,
    /// The id in this field is missing or not a positive 64-bit integer, as a number or
    /// as a string.
    #[error("'{0}' must be a positive 64-bit integer")]
    BadId(&'static str),
    /// This field is missing.
    #[error("'{0}' is missing")]
    MissingField(&'static str),
    /// This field belongs to a body of another topic.
    #[error("'{0}' does not belong into a body of this topic")]
    OtherTopic(String),
    /// The body is another resource of Shopify, because it has this field.
    #[error("this is not an order: it has '{0}'")]
    NotAnOrder(&'static str),
    /// Neither the global id nor the fields show that the body is an order.
    #[error("this is not an order: neither its global id nor its fields say so")]
    NoOrderField,
    /// A privacy request does not name the shop that the webhook's header names.
    #[error("'shop_domain' must name the shop this was sent for")]
    OtherShop,
    /// `updated_at` is missing or not an RFC 3339 time.
    #[error("'updated_at' must be an RFC 3339 time")]
    BadUpdatedAt,
}

/// The fields that are read of an order and of the objects in it.
const FIELDS: &[&str] = &[
    "id",
    "updated_at",
    "created_at",
    "name",
    "email",
    "contact_email",
    "customer",
    "billing_address",
    "shipping_address",
    "first_name",
    "last_name",
    "currency",
    "total_price",
    "financial_status",
    "fulfillment_status",
    "cancelled_at",
    "line_items",
    "quantity",
    "fulfillments",
    "status",
    "shipment_status",
    kind::GLOBAL_ID,
    kind::FIELDS_NO_ORDER_HAS[0],
    kind::FIELDS_NO_ORDER_HAS[1],
    kind::FIELDS_NO_ORDER_HAS[2],
    kind::FIELDS_NO_ORDER_HAS[3],
    kind::FIELDS_NO_ORDER_HAS[4],
];

/// Parses a webhook body that contains an order.
pub fn parse(body: &[u8]) -> Result<OrderPatch, PayloadError> {
    let order = as_object(selected_fields::read(body, FIELDS))?;
    Reader {
        order: &order,
        body,
        problems: Vec::new(),
    }
    .patch()
}

/// Parses a body that must be a JSON object.
pub(crate) fn object(body: &[u8]) -> Result<Map<String, Value>, PayloadError> {
    as_object(serde_json::from_slice(body))
}

fn as_object(json: serde_json::Result<Value>) -> Result<Map<String, Value>, PayloadError> {
    match json {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(PayloadError::NotAnObject),
        Err(error) => Err(PayloadError::NotJson(error.to_string())),
    }
}

/// Reads the top level of a payload and collects the problems it finds.
struct Reader<'a> {
    order: &'a Map<String, Value>,
    /// The raw body, with all fields.
    body: &'a [u8],
    problems: Vec<&'static str>,
}

impl<'a> Reader<'a> {
    fn patch(mut self) -> Result<OrderPatch, PayloadError> {
        let external_id = id(self.order.get("id")).ok_or(PayloadError::BadId("id"))?;
        let updated_at = self
            .order
            .get("updated_at")
            .and_then(time)
            .ok_or(PayloadError::BadUpdatedAt)?;
        kind::check(self.order, self.body)?;
        let fulfillments = self.list("fulfillments");
        let delivered_at = fulfillments.and_then(delivered_at);
        let financial_status = self.nullable_text("financial_status");
        let fulfillment_status = self.nullable_text("fulfillment_status");
        Ok(OrderPatch {
            external_id,
            updated_at,
            name: self.text("name"),
            customer: self.customer(),
            currency: self.text("currency"),
            total: self.amount("total_price"),
            item_count: self.list("line_items").map(item_count),
            placed_at: self.read("created_at", time),
            delivered_at,
            cancelled: self.order.get("cancelled_at").map(|at| !at.is_null()),
            all_delivered: fulfillments.map(all_delivered),
            financial_status,
            fulfillment_status,
            problems: self.problems,
        })
    }

    /// The value of a field; `None` if it is missing or `null`.
    fn present(&self, field: &str) -> Option<&'a Value> {
        self.order.get(field).filter(|value| !value.is_null())
    }

    fn read<T>(&mut self, field: &'static str, read: impl Fn(&'a Value) -> Option<T>) -> Option<T> {
        let value = self.present(field)?;
        let result = read(value);
        if result.is_none() {
            self.problems.push(field);
        }
        result
    }

    fn text(&mut self, field: &'static str) -> Option<String> {
        self.read(field, text)
    }

    fn nullable_text(&mut self, field: &'static str) -> Option<Option<String>> {
        match self.order.get(field)? {
            Value::Null => Some(None),
            _ => self.text(field).map(Some),
        }
    }

    fn list(&mut self, field: &'static str) -> Option<&'a [Value]> {
        self.read(field, |value| value.as_array().map(Vec::as_slice))
    }

    /// Shopify sends amounts as strings; some tools re-send them as numbers.
    fn amount(&mut self, field: &'static str) -> Option<Decimal> {
        self.read(field, |value| match value {
            Value::String(amount) => money::parse(amount).ok(),
            Value::Number(amount) => money::parse(&amount.to_string()).ok(),
            _ => None,
        })
    }

    /// The name is in the customer, else in an address; the e-mail address is in the
    /// customer, else in the order. `Some(None)`: the payload has these fields but no
    /// customer in them.
    fn customer(&mut self) -> Option<Option<Customer>> {
        const SOURCES: [&str; 5] = [
            "customer",
            "email",
            "contact_email",
            "billing_address",
            "shipping_address",
        ];
        SOURCES.iter().find_map(|field| self.order.get(*field))?;
        if self
            .present("customer")
            .is_some_and(|customer| !customer.is_object())
        {
            self.problems.push("customer");
            return None;
        }
        let people = ["customer", "billing_address", "shipping_address"];
        let name = people
            .iter()
            .find_map(|field| full_name(self.present(field)?));
        let email = self
            .present("customer")
            .and_then(|customer| text(customer.get("email")?))
            .or_else(|| text(self.present("email")?))
            .or_else(|| text(self.present("contact_email")?));
        Some((name.is_some() || email.is_some()).then_some(Customer { name, email }))
    }
}

/// A Shopify id: a positive 64-bit integer, as a number or as text.
pub(crate) fn id(value: Option<&Value>) -> Option<ExternalOrderId> {
    let id: ShopifyOrderId = match value? {
        Value::Number(number) => ShopifyOrderId::new(number.as_i64()?)?,
        Value::String(text) => text.parse().ok()?,
        _ => return None,
    };
    ExternalOrderId::new(id.to_string())
}

/// Non-blank text, trimmed, without control characters (a NUL cannot be
/// stored in `PostgreSQL`), cut to [`MAX_TEXT`] characters.
fn text(value: &Value) -> Option<String> {
    let clean: String = value
        .as_str()?
        .trim()
        .chars()
        .filter(|c| !c.is_control())
        .take(MAX_TEXT)
        .collect();
    (!clean.is_empty()).then_some(clean)
}

fn time(value: &Value) -> Option<DateTime<Utc>> {
    time::parse(value.as_str()?)
}

fn full_name(person: &Value) -> Option<String> {
    let part = |field| person.get(field).and_then(text);
    match (part("first_name"), part("last_name")) {
        (Some(first), Some(last)) => Some(format!("{first} {last}")),
        (first, last) => first.or(last).or_else(|| part("name")),
    }
}

fn item_count(line_items: &[Value]) -> i64 {
    line_items
        .iter()
        .filter_map(|item| item.get("quantity")?.as_i64())
        .fold(0, i64::saturating_add)
}

fn all_delivered(fulfillments: &[Value]) -> bool {
    let mut active = active(fulfillments).peekable();
    active.peek().is_some()
        && active.all(|shipment| {
            shipment.get("shipment_status").and_then(Value::as_str) == Some("delivered")
        })
}

fn delivered_at(fulfillments: &[Value]) -> Option<DateTime<Utc>> {
    all_delivered(fulfillments)
        .then(|| {
            active(fulfillments)
                .filter_map(|s| time(s.get("updated_at")?))
                .max()
        })
        .flatten()
}

/// Fulfillments that were not cancelled and did not fail.
fn active(fulfillments: &[Value]) -> impl Iterator<Item = &Value> {
    fulfillments.iter().filter(|shipment| {
        !matches!(
            shipment.get("status").and_then(Value::as_str),
            Some("cancelled" | "error" | "failure")
        )
    })
}

#[cfg(test)]
mod tests;
