//! Webhook bodies in quantity: written once, then only their ids patched.

use std::fmt::Write as _;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use memchr::memmem;
use serde::Serialize;
use simulator::SampleOrder;

/// Stands for the order's id while a template is made: found nowhere else in a
/// payload, and as long as every id that takes its place.
const SOME_ID: u64 = 7_654_321_987_654;

/// Stands for the order's name.
const SOME_NAME: &str = "#987654321";

/// Order ids begin here; all have as many digits.
pub const FIRST_ID: u64 = 5_500_000_000_000;

/// How large a payload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Size {
    /// What an order needs and no more: 0.2 kB.
    Minimal,
    /// As Shopify writes it: 12 to 20 kB.
    Real,
}

/// What a payload tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// A new order, not paid yet.
    Placed,
    /// The same order, paid.
    Paid,
}

impl News {
    /// The status in which this leaves an order.
    pub const fn status(self) -> &'static str {
        match self {
            Self::Placed => "PENDING",
            Self::Paid => "CONFIRMED",
        }
    }
}

/// A body with gaps for what differs from order to order.
#[derive(Debug)]
pub struct Template {
    text: Vec<u8>,
    ids: Vec<usize>,
    names: Vec<usize>,
}

impl Template {
    /// A body of about this size. Different `variant`s are of different sizes,
    /// as orders are.
    pub fn new(size: Size, news: News, variant: usize, placed: DateTime<Utc>) -> Self {
        let text = match size {
            Size::Minimal => minimal(news, placed),
            Size::Real => real(news, variant, placed),
        };
        let find = |what: &str| memmem::find_iter(text.as_bytes(), what).collect();
        Self {
            ids: find(&SOME_ID.to_string()),
            names: find(SOME_NAME),
            text: text.into_bytes(),
        }
    }

    /// Bytes of every body.
    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// Never.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Appends the body of the order with this number.
    pub fn write(&self, number: u64, out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(&self.text);
        let body = &mut out[start..];
        for at in &self.ids {
            digits(FIRST_ID + number, &mut body[*at..at + 13]);
        }
        for at in &self.names {
            digits(number, &mut body[at + 1..at + SOME_NAME.len()]);
        }
    }
}

fn minimal(news: News, placed: DateTime<Utc>) -> String {
    let (paid, updated) = state(news, placed);
    let mut text = String::with_capacity(256);
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        r#"{{"id":{SOME_ID},"name":"{SOME_NAME}","created_at":"{}","updated_at":"{}","currency":"USD","total_price":"128.40","financial_status":"{paid}","email":"maren.okafor@example.com"}}"#,
        placed.to_rfc3339_opts(SecondsFormat::Secs, true),
        updated.to_rfc3339_opts(SecondsFormat::Secs, true),
    );
    text
}

fn real(news: News, variant: usize, placed: DateTime<Utc>) -> String {
    let (paid, updated) = state(news, placed);
    SampleOrder::new(SOME_ID)
        .name(SOME_NAME)
        .lines(4 + variant % 3)
        .financial_status(paid)
        .created_at(placed)
        .updated_at(updated)
        .to_json()
        .to_string()
}

fn state(news: News, placed: DateTime<Utc>) -> (&'static str, DateTime<Utc>) {
    match news {
        News::Placed => ("pending", placed),
        News::Paid => ("paid", placed + TimeDelta::seconds(30)),
    }
}

/// Writes a number into all of `out`, with leading zeros.
fn digits(mut number: u64, out: &mut [u8]) {
    for digit in out.iter_mut().rev() {
        // A remainder of ten fits a byte.
        *digit = b'0' + u8::try_from(number % 10).unwrap_or_default();
        number /= 10;
    }
}

#[cfg(test)]
mod tests;
