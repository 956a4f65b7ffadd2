//! Whom a privacy request is about, and whether something names them.

use serde_json::{Map, Value};

use crate::order::ShopifyOrderId;
use crate::payload;

/// Fewer digits than this are no phone number, but might be anything.
const MIN_PHONE_DIGITS: usize = 7;

/// Whom a privacy request is about. Shopify names them in several ways at once,
/// and each of them counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// Shopify's id of the customer.
    pub customer_id: Option<ShopifyOrderId>,
    /// Their e-mail address, lower case.
    pub email: Option<String>,
    /// The digits of their phone number.
    pub phone: Option<String>,
    /// Their orders, as far as the request names them.
    pub orders: Vec<ShopifyOrderId>,
}

impl Person {
    /// Reads `customer`, and the orders listed in the field `orders`.
    pub(crate) fn read(body: &Map<String, Value>, orders: &str) -> Self {
        let customer = body.get("customer");
        let field = |name| customer.and_then(|customer| customer.get(name));
        let listed = body.get(orders).and_then(Value::as_array);
        Self {
            customer_id: payload::id(field("id")),
            email: field("email")
                .and_then(Value::as_str)
                .map(|email| crate::case::lower(email.trim()))
                .filter(|email| !email.is_empty()),
            phone: field("phone")
                .and_then(Value::as_str)
                .map(digits)
                .filter(|phone| phone.len() >= MIN_PHONE_DIGITS),
            orders: listed
                .into_iter()
                .flatten()
                .filter_map(|order| payload::id(Some(order)))
                .collect(),
        }
    }

    /// A stored body names this person: one that is JSON by any of their names in
    /// any field, any other by the text of one.
    pub fn is_named_in(&self, body: &[u8]) -> bool {
        match serde_json::from_slice(body) {
            Ok(json) => self.is_named_by(&json),
            Err(_) => self.is_in_text(&String::from_utf8_lossy(body)),
        }
    }

    fn is_named_by(&self, json: &Value) -> bool {
        match json {
            Value::String(text) => self.is_text_of(text),
            Value::Number(number) => number.as_i64().is_some_and(|number| self.has_id(number)),
            Value::Array(items) => items.iter().any(|item| self.is_named_by(item)),
            Value::Object(fields) => fields.values().any(|value| self.is_named_by(value)),
            Value::Null | Value::Bool(_) => false,
        }
    }

    /// A whole value: an address, a number, an id, or text with one of them in it.
    fn is_text_of(&self, text: &str) -> bool {
        let id = text.rsplit('/').next().and_then(|id| id.parse().ok());
        id.is_some_and(|id| self.has_id(id)) || self.mentions_email(text) || self.has_phone(text)
    }

    /// Text of no structure: ids are looked for as well.
    fn is_in_text(&self, text: &str) -> bool {
        let mut runs = text.split(|c: char| !c.is_ascii_digit());
        runs.any(|run| run.parse().is_ok_and(|id| self.has_id(id)))
            || self.mentions_email(text)
            || self
                .phone
                .as_ref()
                .is_some_and(|phone| digits(text).contains(phone.as_str()))
    }

    fn has_id(&self, id: i64) -> bool {
        let mut ids = self.customer_id.iter().chain(&self.orders);
        ids.any(|known| known.get() == id)
    }

    /// The text has this person's e-mail address in it, however it is written.
    pub fn mentions_email(&self, text: &str) -> bool {
        self.email
            .as_ref()
            .is_some_and(|email| crate::case::lower(text).contains(email.as_str()))
    }

    /// A number with the same digits; with or without the country's, if the
    /// longer one ends with the shorter.
    fn has_phone(&self, text: &str) -> bool {
        let Some(phone) = &self.phone else {
            return false;
        };
        let other = digits(text);
        let other = other.trim_start_matches('0');
        let is_number = text
            .chars()
            .all(|c| c.is_ascii_digit() || " +-().x/".contains(c));
        is_number
            && other.len() >= MIN_PHONE_DIGITS
            && (phone.ends_with(other) || other.ends_with(phone.as_str()))
    }

    /// The text without this person's e-mail address; `None` if it is not there.
    pub fn redact_email(&self, text: &str, instead: &str) -> Option<String> {
        if !self.mentions_email(text) {
            return None;
        }
        let email = self.email.as_ref()?;
        // Letters whose lower case is longer or shorter would shift what is cut.
        let lower: String = text.chars().map(|c| c.to_ascii_lowercase()).collect();
        let mut rest = 0;
        let mut redacted = String::with_capacity(text.len());
        while let Some(found) = lower[rest..].find(email.as_str()) {
            redacted.push_str(&text[rest..rest + found]);
            redacted.push_str(instead);
            rest += found + email.len();
        }
        if rest == 0 {
            // Found only by folding more than ASCII: better too much than too little.
            return Some(instead.to_owned());
        }
        redacted.push_str(&text[rest..]);
        Some(redacted)
    }
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ada() -> Person {
        let body = json!({
            "customer": {"id": 207_119_551, "email": " Ada@Example.com", "phone": "+1 (555) 625-1199"},
            "orders_to_redact": [450_789_469, "8", null]
        });
        Person::read(body.as_object().unwrap(), "orders_to_redact")
    }

    fn names(body: &Value) -> bool {
        ada().is_named_in(body.to_string().as_bytes())
    }

    #[test]
    fn a_person_is_read_by_every_name_they_have() {
        let ada = ada();
        assert_eq!(ada.email.as_deref(), Some("ada@example.com"));
        assert_eq!(ada.phone.as_deref(), Some("15556251199"));
        assert_eq!(ada.customer_id.map(ShopifyOrderId::get), Some(207_119_551));
        assert_eq!(ada.orders.len(), 2);
    }

    #[test]
    fn a_body_that_names_them_in_any_way_is_recognised() {
        for body in [
            json!({"customer": {"id": 207_119_551}}),
            json!({"id": "207119551"}),
            json!({"admin_graphql_api_id": "gid://shopify/Customer/207119551"}),
            json!({"deep": [{"note": "call ADA@example.COM back"}]}),
            json!({"order_id": 450_789_469}),
            json!({"phone": "001 555 6251199"}),
            json!({"phone": "555-625-1199"}),
        ] {
            assert!(names(&body), "{body}");
        }
    }

    #[test]
    fn a_body_about_others_is_left_alone() {
        for body in [
            json!({"customer": {"id": 207_119_552, "email": "bea@example.com"}}),
            json!({"phone": "+1 555 625 1198"}),
            json!({"total": "555.62", "quantity": 8_000, "note": "6251199 boxes"}),
            json!({"created_at": "2026-01-01T12:00:00Z"}),
            json!(null),
        ] {
            assert!(!names(&body), "{body}");
        }
    }

    #[test]
    fn a_body_that_is_no_json_is_searched_as_text() {
        for body in [
            &b"{\"email\": \"ada@example.com\""[..],
            b"\xff\xfe Ada@Example.com",
            b"customer=207119551;",
            b"tel: 1-555-625-1199",
        ] {
            assert!(ada().is_named_in(body));
        }
        assert!(!ada().is_named_in(b"{\"email\": \"bea@example.com\""));
    }

    #[test]
    fn nobody_is_named_nowhere() {
        assert!(!Person::default().is_named_in(b"{\"email\": \"\", \"id\": 0}"));
        assert!(!Person::default().is_named_in(b"not json"));
    }

    #[test]
    fn an_address_is_cut_out_of_a_note() {
        let cut = |text: &str| ada().redact_email(text, "[redacted]");
        assert_eq!(
            cut("Ada@Example.com, then ada@example.com!").as_deref(),
            Some("[redacted], then [redacted]!")
        );
        assert_eq!(cut("bea@example.com"), None);
    }
}
