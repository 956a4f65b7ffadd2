//! Shopify's order payload, read leniently.
//!
//! Only `id` and `updated_at` are required. Anything else may be missing,
//! `null`, or of a shape nobody has seen yet: Shopify nulls personal data and
//! extends its enums. A field that cannot be read is skipped and named in
//! [`OrderPatch::problems`]; the order is still taken.
//!
//! Source: Shopify REST Admin API, resource Order.

use chrono::{DateTime, SubsecRound, Utc};
use rust_decimal::Decimal;
use serde_json::{Map, Value};

use crate::money;
use crate::order::{Customer, ShopifyOrderId};

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
    /// This id is missing or not a positive 64-bit integer (or a string of one).
    #[error("'{0}' must be a positive 64-bit integer")]
    BadId(&'static str),
    /// A deletion is hardly more than an id; this is a whole order.
    #[error("this is an order, not the deletion of one")]
    NotADeletion,
    /// A privacy request must name the shop that sends it.
    #[error("'shop_domain' must name the shop this was sent for")]
    OtherShop,
    /// `updated_at` is missing or not an RFC 3339 time.
    #[error("'updated_at' must be an RFC 3339 time")]
    BadUpdatedAt,
}

/// What one payload says about an order. `None` means "did not say": the
/// stored value stands. A doubled `Option` can also say "there is none".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderPatch {
    /// Shopify's id.
    pub shopify_order_id: ShopifyOrderId,
    /// When Shopify last changed the order.
    pub updated_at: DateTime<Utc>,
    /// Name in the shop, such as `#1001`.
    pub name: Option<String>,
    /// `financial_status`
    pub financial_status: Option<Option<String>>,
    /// `fulfillment_status`
    pub fulfillment_status: Option<Option<String>>,
    /// Who bought.
    pub customer: Option<Option<Customer>>,
    /// ISO 4217 code.
    pub currency: Option<String>,
    /// Total, in major units of the currency.
    pub total: Option<Decimal>,
    /// Units ordered over all line items.
    pub item_count: Option<i64>,
    /// When the order was placed.
    pub placed_at: Option<DateTime<Utc>>,
    /// When the last shipment was delivered, once all are.
    pub delivered_at: Option<DateTime<Utc>>,
    /// `cancelled_at` is set; `None` when the payload does not mention it.
    pub cancelled: Option<bool>,
    /// Every shipment reports delivered; `None` when it does not mention any.
    pub all_delivered: Option<bool>,
    /// Fields that were present but could not be read, by name: never values,
    /// which may be personal data.
    pub problems: Vec<&'static str>,
}

/// Reads a webhook body.
pub fn parse(body: &[u8]) -> Result<OrderPatch, PayloadError> {
    Reader::new(&object(body)?).patch()
}

/// Reads a body that must be a JSON object.
pub(crate) fn object(body: &[u8]) -> Result<Map<String, Value>, PayloadError> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(PayloadError::NotAnObject),
        Err(error) => Err(PayloadError::NotJson(error.to_string())),
    }
}

/// Walks the top level of a payload, collecting problems on the way.
struct Reader<'a> {
    order: &'a Map<String, Value>,
    problems: Vec<&'static str>,
}

impl<'a> Reader<'a> {
    const fn new(order: &'a Map<String, Value>) -> Self {
        Self {
            order,
            problems: Vec::new(),
        }
    }

    fn patch(mut self) -> Result<OrderPatch, PayloadError> {
        let shopify_order_id = id(self.order.get("id")).ok_or(PayloadError::BadId("id"))?;
        let updated_at = self
            .order
            .get("updated_at")
            .and_then(time)
            .ok_or(PayloadError::BadUpdatedAt)?;
        let fulfillments = self.list("fulfillments");
        let delivered_at = fulfillments.and_then(delivered_at);
        let financial_status = self.nullable_text("financial_status");
        let fulfillment_status = self.nullable_text("fulfillment_status");
        Ok(OrderPatch {
            shopify_order_id,
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

    /// A value that is there and not `null`.
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

    /// The name lives on the customer, else on an address; the e-mail on the
    /// customer, else on the order. `Some(None)`: the payload says nobody.
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

pub(crate) fn id(value: Option<&Value>) -> Option<ShopifyOrderId> {
    match value? {
        Value::Number(number) => ShopifyOrderId::new(number.as_i64()?),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
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

/// Cut to microseconds, which is what is stored: a time must compare equal to
/// itself after a round trip.
fn time(value: &Value) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(value.as_str()?)
        .ok()
        .map(|time| time.to_utc().trunc_subsecs(6))
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
    let mut live = live(fulfillments).peekable();
    live.peek().is_some()
        && live.all(|shipment| {
            shipment.get("shipment_status").and_then(Value::as_str) == Some("delivered")
        })
}

fn delivered_at(fulfillments: &[Value]) -> Option<DateTime<Utc>> {
    all_delivered(fulfillments)
        .then(|| {
            live(fulfillments)
                .filter_map(|s| time(s.get("updated_at")?))
                .max()
        })
        .flatten()
}

/// Fulfillments that were not cancelled and did not fail.
fn live(fulfillments: &[Value]) -> impl Iterator<Item = &Value> {
    fulfillments.iter().filter(|shipment| {
        !matches!(
            shipment.get("status").and_then(Value::as_str),
            Some("cancelled" | "error" | "failure")
        )
    })
}

#[cfg(test)]
mod tests {
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
        assert_eq!(patch.shopify_order_id.get(), 820_982_911_946_154_508);
        assert_eq!(patch.updated_at.to_rfc3339(), "2026-01-02T08:04:05+00:00");
        assert_eq!((patch.cancelled, patch.all_delivered), (None, None));
        assert!(patch.problems.is_empty());
    }

    #[test]
    fn a_body_that_is_not_an_order_says_why() {
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
    fn redacted_customers_are_nobody_and_missing_ones_are_unsaid() {
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
    fn an_order_is_delivered_when_its_live_shipments_are() {
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
}
