//! Webhook bodies in large numbers: templates in which only ids and names change.

use std::fmt::Write as _;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use memchr::memmem;
use serde::Serialize;
use simulator::SampleOrder;

/// The placeholder for the order's id in a template: it occurs nowhere else in a
/// payload, and is as long as every id that replaces it.
const ID_PLACEHOLDER: u64 = 7_654_321_987_654;

/// The placeholder for the order's name.
const NAME_PLACEHOLDER: &str = "#987654321";

/// The first order id; all ids have the same number of digits.
pub const FIRST_ID: u64 = 5_500_000_000_000;

/// The size of a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Size {
    /// Only the fields an order needs: 0.2 kB.
    Minimal,
    /// As Shopify writes it: 12 to 20 kB.
    Real,
}

/// The event that a webhook reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderEvent {
    /// A new order, not paid yet.
    Placed,
    /// The same order, paid.
    Paid,
}

impl OrderEvent {
    /// The status of the order after this event.
    pub const fn status(self) -> &'static str {
        match self {
            Self::Placed => "PENDING",
            Self::Paid => "CONFIRMED",
        }
    }
}

/// A body with the positions of the ids and names to replace.
#[derive(Debug)]
pub struct Template {
    text: Vec<u8>,
    ids: Vec<usize>,
    names: Vec<usize>,
}

impl Template {
    /// Creates a body of about this size. Different `variant`s have different sizes,
    /// as real orders have.
    pub fn new(size: Size, event: OrderEvent, variant: usize, placed: DateTime<Utc>) -> Self {
        let text = match size {
            Size::Minimal => minimal(event, placed),
            Size::Real => real(event, variant, placed),
        };
        let find = |what: &str| memmem::find_iter(text.as_bytes(), what).collect();
        Self {
            ids: find(&ID_PLACEHOLDER.to_string()),
            names: find(NAME_PLACEHOLDER),
            text: text.into_bytes(),
        }
    }

    /// Appends the body for the order with this number.
    pub fn write(&self, number: u64, out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(&self.text);
        let body = &mut out[start..];
        for at in &self.ids {
            digits(FIRST_ID + number, &mut body[*at..at + 13]);
        }
        for at in &self.names {
            digits(number, &mut body[at + 1..at + NAME_PLACEHOLDER.len()]);
        }
    }
}

fn minimal(event: OrderEvent, placed: DateTime<Utc>) -> String {
    let (paid, updated) = state(event, placed);
    let mut text = String::with_capacity(256);
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        r#"{{"id":{ID_PLACEHOLDER},"name":"{NAME_PLACEHOLDER}","created_at":"{}","updated_at":"{}","currency":"USD","total_price":"128.40","financial_status":"{paid}","email":"maren.okafor@example.com"}}"#,
        placed.to_rfc3339_opts(SecondsFormat::Secs, true),
        updated.to_rfc3339_opts(SecondsFormat::Secs, true),
    );
    text
}

fn real(event: OrderEvent, variant: usize, placed: DateTime<Utc>) -> String {
    let (paid, updated) = state(event, placed);
    SampleOrder::new(ID_PLACEHOLDER)
        .name(NAME_PLACEHOLDER)
        .lines(4 + variant % 3)
        .financial_status(paid)
        .created_at(placed)
        .updated_at(updated)
        .to_json()
        .to_string()
}

fn state(event: OrderEvent, placed: DateTime<Utc>) -> (&'static str, DateTime<Utc>) {
    match event {
        OrderEvent::Placed => ("pending", placed),
        OrderEvent::Paid => ("paid", placed + TimeDelta::seconds(30)),
    }
}

/// Fills `out` with a number, with leading zeros.
fn digits(mut number: u64, out: &mut [u8]) {
    for digit in out.iter_mut().rev() {
        // A remainder of ten fits into a byte.
        *digit = b'0' + u8::try_from(number % 10).unwrap_or_default();
        number /= 10;
    }
}

#[cfg(test)]
mod tests;
