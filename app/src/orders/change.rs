//! The changes of a history entry as text: pure functions.

use chrono::{DateTime, Utc};
use domain::orders::draft::Field;
use domain::orders::order::FieldChange;
use domain::wire::OrderEvent;
use serde_json::Value;

use super::notes::show;
use crate::format;

/// The lines of an entry, such as `Status: Pending → Confirmed`. The currency of its
/// amounts follows from the entries `known`, newest first, and the present `currency`
/// of the order.
pub fn lines(event: &OrderEvent, known: &[OrderEvent], currency: &str) -> Vec<String> {
    let after = currency_after(event, known, currency);
    let before = changed(event, "currency").and_then(|change| change.from.as_str());
    let before = before.unwrap_or(after);
    let status = changed(event, "status").map(|change| &change.to);
    event
        .changes
        .iter()
        // Where the status followed the channel, the line about the status is enough.
        .filter(|change| change.field != "channelStatus" || status != Some(&change.to))
        .map(|change| line(change, before, after))
        .collect()
}

fn changed<'a>(event: &'a OrderEvent, field: &str) -> Option<&'a FieldChange> {
    event.changes.iter().find(|change| change.field == field)
}

/// The currency after an entry, until the next entry that changes it.
fn currency_after<'a>(event: &OrderEvent, known: &'a [OrderEvent], now: &'a str) -> &'a str {
    known
        .iter()
        .rev()
        .filter(|other| other.version > event.version)
        .find_map(|other| changed(other, "currency")?.from.as_str())
        .unwrap_or(now)
}

fn line(change: &FieldChange, before: &str, after: &str) -> String {
    let field = change.field.as_str();
    let known = Field::ALL.into_iter().find(|known| known.as_str() == field);
    let name = known.map_or_else(|| words(field), |known| known.label().to_owned());
    let from = display(field, &change.from, before);
    let to = display(field, &change.to, after);
    format!("{name}: {from} → {to}")
}

/// A value, for people.
fn display(field: &str, value: &Value, currency: &str) -> String {
    let text = match value {
        Value::Null => String::new(),
        Value::String(text) => match field {
            "status" | "channelStatus" => show(Field::Status, text),
            "financialStatus" | "fulfillmentStatus" => format::words(text),
            "total" | "shippingFee" => format::money(text, currency),
            "placedAt" | "deliveredAt" | "deletedAt" | "redactedAt" => moment(text),
            _ => text.clone(),
        },
        Value::Object(fields) => {
            let parts = fields.values().filter_map(Value::as_str);
            parts.collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    };
    if text.is_empty() {
        "none".to_owned()
    } else {
        text
    }
}

fn moment(text: &str) -> String {
    text.parse::<DateTime<Utc>>()
        .map_or_else(|_| text.to_owned(), format::moment)
}

/// `fulfillmentStatus` as `Fulfillment status`.
fn words(field: &str) -> String {
    let mut words = String::with_capacity(field.len() + 4);
    for (index, letter) in field.chars().enumerate() {
        if index == 0 {
            words.push(letter.to_ascii_uppercase());
        } else if letter.is_ascii_uppercase() {
            words.push(' ');
            words.push(letter.to_ascii_lowercase());
        } else {
            words.push(letter);
        }
    }
    words
}

#[cfg(test)]
#[path = "change/tests.rs"]
mod tests;
