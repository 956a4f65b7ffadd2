//! Whom a privacy request is about, and whether something names them.

use std::ops::Range;

use serde_json::Value;

use crate::case;
use crate::channels::account::ExternalOrderId;

/// Fewer digits than this are no phone number, but might be anything.
const MIN_PHONE_DIGITS: usize = 7;

/// Among other words, shorter numbers count something else.
const MIN_PHONE_DIGITS_IN_TEXT: usize = 9;

/// Whom a privacy request is about. A request names them in several ways at once, and
/// each of them counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DataSubject {
    /// The channel's id of the customer.
    pub customer_id: Option<String>,
    /// Their e-mail address, lower case.
    pub email: Option<String>,
    /// The digits of their phone number.
    pub phone: Option<String>,
    /// Their orders, as far as the request names them.
    pub orders: Vec<ExternalOrderId>,
}

/// What a stored body says of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mention {
    /// It names them, in whatever way.
    pub is_named: bool,
    /// Its customer is this person; `None` if it has no customer with an id.
    pub is_customer: Option<bool>,
}

impl DataSubject {
    /// A person as a request names them. Blank values and numbers that are too short
    /// to be a phone number do not count.
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

    /// Looks for this person in a stored body: in one that is JSON by any of their
    /// names in any field, in any other by its text.
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

    /// `is_id`: the value is in a field of ids. Elsewhere a number is a quantity.
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

    /// An id as text, or the end of a global one: `gid://shopify/Customer/1`.
    fn has_id_of(&self, text: &str) -> bool {
        text.rsplit('/').next().is_some_and(|id| self.has_id(id))
    }

    /// Text of no structure: ids are looked for as well, if they are long enough to
    /// be nothing else.
    fn is_in_text(&self, text: &str) -> bool {
        let mut runs = text.split(|c: char| !c.is_ascii_digit());
        runs.any(|run| run.len() >= MIN_PHONE_DIGITS && self.has_id(run))
            || self.is_mentioned_in(text)
    }

    /// The text has this person's e-mail address or phone number in it.
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

    /// Where the text has this person's phone number: the same digits, with or
    /// without the country's, if the longer one ends with the shorter.
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
            // Letters whose lower case is longer or shorter would shift what is cut.
            let lower = text.to_ascii_lowercase();
            let found = lower.match_indices(email);
            let before = cuts.len();
            cuts.extend(found.map(|(at, email)| at..at + email.len()));
            if cuts.len() == before {
                // Found only by folding more than ASCII: too much beats too little.
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

/// Runs of digits, and of what people write between those of a phone number.
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
    fn a_person_is_read_by_every_name_they_have() {
        let ada = ada();
        assert_eq!(ada.email.as_deref(), Some("ada@example.com"));
        assert_eq!(ada.phone.as_deref(), Some("15556251199"));
        assert_eq!(ada.customer_id.as_deref(), Some("207119551"));
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
            json!({"note": "call (555) 625-1199, please"}),
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
            assert!(ada().look_in(body).is_named);
        }
        assert!(!ada().look_in(b"{\"email\": \"bea@example.com\"").is_named);
    }

    #[test]
    fn nobody_is_named_nowhere() {
        assert!(
            !DataSubject::default()
                .look_in(b"{\"email\": \"\", \"id\": 0}")
                .is_named
        );
        assert!(!DataSubject::default().look_in(b"not json").is_named);
    }

    #[test]
    fn an_address_and_a_number_are_cut_out_of_a_note() {
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
