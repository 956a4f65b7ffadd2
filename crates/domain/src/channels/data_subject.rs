//! The person whom a privacy request is about, and the search for their data in stored
//! text.

use std::ops::Range;

use serde_json::Value;

use crate::case;
use crate::channels::account::ExternalOrderId;

/// A number with fewer digits than this is not treated as a phone number.
const MIN_PHONE_DIGITS: usize = 7;

/// The same limit for a number within other text, where shorter numbers are usually
/// quantities.
const MIN_PHONE_DIGITS_IN_TEXT: usize = 9;

/// The person whom a privacy request is about. A request identifies the person in several
/// ways, and data that matches any of them belongs to the person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DataSubject {
    /// The channel's id of the customer.
    pub customer_id: Option<String>,
    /// Their e-mail address, lower case.
    pub email: Option<String>,
    /// The digits of their phone number.
    pub phone: Option<String>,
    /// The orders that the request lists.
    pub orders: Vec<ExternalOrderId>,
}

/// How a stored body mentions a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mention {
    /// Whether it mentions the person in any way.
    pub is_named: bool,
    /// Whether its customer is this person; `None` if it has no customer with an id.
    pub is_customer: Option<bool>,
}

impl DataSubject {
    /// The person that a request describes. Blank values and numbers that are too short to
    /// be a phone number are ignored.
    pub fn new(
        customer_id: Option<String>,
        email: Option<&str>,
        phone: Option<&str>,
        orders: Vec<ExternalOrderId>,
    ) -> Self {
        Self {
            customer_id,
            email: email
                .map(|email| case::lower(email.trim()))
                .filter(|email| !email.is_empty()),
            phone: phone
                .map(digits)
                .filter(|phone| phone.len() >= MIN_PHONE_DIGITS),
            orders,
        }
    }

    /// Searches a stored body for this person: all fields if it is JSON, otherwise its text.
    pub fn look_in(&self, body: &[u8]) -> Mention {
        match serde_json::from_slice(body) {
            Ok(json) => Mention {
                is_named: self.is_named_by(&json, false),
                is_customer: self.is_customer_in(&json),
            },
            Err(_) => Mention {
                is_named: self.is_in_text(&String::from_utf8_lossy(body)),
                is_customer: None,
            },
        }
    }

    /// Searches a JSON value. `is_id` means that it is in a field of ids; in other fields a
    /// number is a quantity.
    fn is_named_by(&self, json: &Value, is_id: bool) -> bool {
        match json {
            Value::String(text) => is_id && self.has_id_of(text) || self.is_mentioned_in(text),
            Value::Number(number) => is_id && self.has_id(&number.to_string()),
            Value::Array(items) => items.iter().any(|item| self.is_named_by(item, is_id)),
            Value::Object(fields) => fields.iter().any(|(name, value)| {
                self.is_named_by(value, name.ends_with("id") || name.ends_with("ids"))
            }),
            Value::Null | Value::Bool(_) => false,
        }
    }

    /// Whether a text is an id of this person, or a global id that ends with one, such as
    /// `gid://shopify/Customer/1`.
    fn has_id_of(&self, text: &str) -> bool {
        text.rsplit('/').next().is_some_and(|id| self.has_id(id))
    }

    /// Searches unstructured text, also for ids that are long enough to be unambiguous.
    fn is_in_text(&self, text: &str) -> bool {
        let mut runs = text.split(|c: char| !c.is_ascii_digit());
        runs.any(|run| run.len() >= MIN_PHONE_DIGITS && self.has_id(run))
            || self.is_mentioned_in(text)
    }

    /// Whether a text contains this person's e-mail address or phone number.
    pub fn is_mentioned_in(&self, text: &str) -> bool {
        self.mentions_email(text) || self.phones_in(text).next().is_some()
    }

    fn is_customer_in(&self, json: &Value) -> Option<bool> {
        let id = match json.get("customer")?.get("id")? {
            Value::String(id) => id.clone(),
            Value::Number(id) => id.to_string(),
            _ => return None,
        };
        Some(self.customer_id == Some(id))
    }

    fn has_id(&self, id: &str) -> bool {
        self.customer_id.as_deref() == Some(id)
            || self.orders.iter().any(|order| order.as_str() == id)
    }

    fn mentions_email(&self, text: &str) -> bool {
        self.email
            .as_ref()
            .is_some_and(|email| case::lower(text).contains(email.as_str()))
    }

    /// The places of this person's phone number in a text. Numbers with and without the
    /// country code match if the longer one ends with the shorter one.
    fn phones_in<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
        let phone = self.phone.as_deref().unwrap_or_default();
        numbers(text).filter(move |range| {
            let other = digits(&text[range.clone()]);
            let other = other.trim_start_matches('0');
            let is_alone = text.trim().len() <= range.len() + "()".len();
            let digits = if is_alone {
                MIN_PHONE_DIGITS
            } else {
                MIN_PHONE_DIGITS_IN_TEXT
            };
            !phone.is_empty()
                && other.len() >= digits
                && (phone.ends_with(other) || other.ends_with(phone))
        })
    }

    /// The text without this person's e-mail address and phone number; `None` if
    /// neither is there.
    pub fn redact(&self, text: &str, instead: &str) -> Option<String> {
        if !self.is_mentioned_in(text) {
            return None;
        }
        let mut cuts: Vec<Range<usize>> = self.phones_in(text).collect();
        if let Some(email) = self.email.as_deref().filter(|_| self.mentions_email(text)) {
            // Only ASCII is folded, because other letters may change their length in lower
            // case, which would shift the ranges.
            let lower = text.to_ascii_lowercase();
            let found = lower.match_indices(email);
            let before = cuts.len();
            cuts.extend(found.map(|(at, email)| at..at + email.len()));
            if cuts.len() == before {
                // The address was found only with full Unicode folding, so its place is
                // unknown and the whole text is replaced.
                return Some(instead.to_owned());
            }
        }
        cuts.sort_unstable_by_key(|cut| cut.start);
        let mut redacted = String::with_capacity(text.len());
        let mut rest = 0;
        for cut in cuts.into_iter().filter(|cut| !cut.is_empty()) {
            if cut.start >= rest {
                redacted.push_str(&text[rest..cut.start]);
                redacted.push_str(instead);
            }
            rest = rest.max(cut.end);
        }
        redacted.push_str(&text[rest..]);
        Some(redacted)
    }
}

/// The ranges of digits, including the characters that people write between the digits of
/// a phone number.
fn numbers(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at
            + text
                .get(at..)?
                .find(|c: char| c == '+' || c.is_ascii_digit())?;
        let run = &text[start..];
        let end = run.find(|c: char| !(c.is_ascii_digit() || " +-().x/".contains(c)));
        let run = &run[..end.unwrap_or(run.len())];
        let length = run
            .rfind(|c: char| c.is_ascii_digit())
            .map_or(1, |last| last + 1);
        at = start + length;
        Some(start..start + length)
    })
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ada() -> DataSubject {
        let orders = ["450789469", "8"].map(|id| ExternalOrderId::new(id).unwrap());
        DataSubject::new(
            Some("207119551".into()),
            Some(" Ada@Example.com"),
            Some("+1 (555) 625-1199"),
            orders.to_vec(),
        )
    }

    fn names(body: &Value) -> bool {
        ada().look_in(body.to_string().as_bytes()).is_named
    }

    #[test]
    fn a_person_is_identified_by_id_e_mail_phone_and_orders() {
        let ada = ada();
        assert_eq!(ada.email.as_deref(), Some("ada@example.com"));
        assert_eq!(ada.phone.as_deref(), Some("15556251199"));
        assert_eq!(ada.customer_id.as_deref(), Some("207119551"));
        assert_eq!(ada.orders.len(), 2);
    }

    #[test]
    fn a_body_that_names_the_person_in_any_way_is_found() {
        for body in [
            json!({"customer": {"id": 207_119_551}}),
            json!({"id": "207119551"}),
            json!({"admin_graphql_api_id": "gid://shopify/Customer/207119551"}),
            json!({"deep": [{"note": "call ADA@example.COM back"}]}),
            json!({"order_id": 450_789_469}),
            json!({"phone": "001 555 6251199"}),
            json!({"note": "call (555) 625-1199, please"}),
            json!({"phone": "555-625-1199"}),
        ] {
            assert!(names(&body), "{body}");
        }
    }

    #[test]
    fn a_body_about_other_people_is_not_found() {
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
    fn a_body_that_is_not_json_is_searched_as_text() {
        for body in [
            &b"{\"email\": \"ada@example.com\""[..],
            b"\xff\xfe Ada@Example.com",
            b"customer=207119551;",
            b"tel: 1-555-625-1199",
        ] {
            assert!(ada().look_in(body).is_named);
        }
        assert!(!ada().look_in(b"{\"email\": \"bea@example.com\"").is_named);
    }

    #[test]
    fn a_request_that_identifies_no_person_finds_nothing() {
        assert!(
            !DataSubject::default()
                .look_in(b"{\"email\": \"\", \"id\": 0}")
                .is_named
        );
        assert!(!DataSubject::default().look_in(b"not json").is_named);
    }

    #[test]
    fn an_e_mail_address_and_a_phone_number_are_removed_from_a_note() {
        let cut = |text: &str| ada().redact(text, "[redacted]");
        assert_eq!(
            cut("Ada@Example.com, then ada@example.com!").as_deref(),
            Some("[redacted], then [redacted]!")
        );
        assert_eq!(
            cut("call +1 555 625 1199 or ada@example.com, box 12").as_deref(),
            Some("call [redacted] or [redacted], box 12")
        );
        assert_eq!(cut("bea@example.com, 5 boxes of 6251198"), None);
    }
}
