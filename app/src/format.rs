//! Amounts and times for people: pure functions.

use std::fmt::Display;

use chrono::{DateTime, Datelike, Timelike, Utc};

/// An exact decimal amount with its currency: `$1,204.50`, `¥12,800`,
/// `1,204.50 CHF`.
pub fn money(amount: &str, currency: &str) -> String {
    let (sign, digits) = amount
        .strip_prefix('-')
        .map_or(("", amount), |rest| ("−", rest));
    let (whole, fraction) = digits
        .split_once('.')
        .map_or((digits, None), |(whole, fraction)| (whole, Some(fraction)));
    let mut number = group(whole);
    if let Some(fraction) = fraction {
        number.push('.');
        number.push_str(fraction);
    }
    match symbol(currency) {
        Some(symbol) => format!("{sign}{symbol}{number}"),
        None if currency == domain::money::NO_CURRENCY => format!("{sign}{number}"),
        None => format!("{sign}{number} {currency}"),
    }
}

fn symbol(currency: &str) -> Option<&'static str> {
    Some(match currency {
        "USD" => "$",
        "EUR" => "€",
        "GBP" => "£",
        "JPY" => "¥",
        "CAD" => "CA$",
        "AUD" => "A$",
        "NZD" => "NZ$",
        "INR" => "₹",
        _ => return None,
    })
}

/// A count with thousands separators: `1,204`.
pub fn count(number: impl Display) -> String {
    group(&number.to_string())
}

fn group(digits: &str) -> String {
    let mut grouped = String::with_capacity(digits.len() * 4 / 3 + 1);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// The age of a moment, rounded: `just now`, `12 s ago`, `4 min ago`, `3 h ago`,
/// `2 d ago`.
pub fn age(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    match (now - at).num_seconds() {
        ..5 => "just now".to_owned(),
        seconds @ 5..60 => format!("{seconds} s ago"),
        seconds @ 60..3_600 => format!("{} min ago", seconds / 60),
        seconds @ 3_600..86_400 => format!("{} h ago", seconds / 3_600),
        seconds => format!("{} d ago", seconds / 86_400),
    }
}

/// A length of time, rounded: `45 s`, `12 min`, `5.2 h`, `3.4 d`.
pub fn duration(seconds: i64) -> String {
    let tenths = |unit: i64| {
        let tenths = seconds * 10 / unit;
        format!("{}.{}", tenths / 10, tenths % 10)
    };
    match seconds {
        ..60 => format!("{} s", seconds.max(0)),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..86_400 => format!("{} h", tenths(3_600)),
        _ => format!("{} d", tenths(86_400)),
    }
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// A moment, in UTC: `21 Nov 2026, 08:16 UTC`.
pub fn moment(at: DateTime<Utc>) -> String {
    let month = MONTHS[at.month0() as usize];
    format!("{} {month} {}, {} UTC", at.day(), at.year(), clock(at))
}

/// A time of day, in UTC: `08:16`.
pub fn clock(at: DateTime<Utc>) -> String {
    format!("{:02}:{:02}", at.hour(), at.minute())
}

/// One of Shopify's open enums, readable: `partially_paid` -> `partially paid`.
pub fn words(value: &str) -> String {
    value.replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn amounts_are_grouped_and_keep_every_digit() {
        for (amount, currency, text) in [
            ("0.00", "USD", "$0.00"),
            ("1204.50", "EUR", "€1,204.50"),
            ("1234567.89", "GBP", "£1,234,567.89"),
            ("12800", "JPY", "¥12,800"),
            ("999.95", "CHF", "999.95 CHF"),
            ("-5.00", "USD", "−$5.00"),
            ("7.50", "XXX", "7.50"),
        ] {
            assert_eq!(money(amount, currency), text);
        }
    }

    #[test]
    fn ages_are_rounded_and_never_in_the_future() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(100);
        for (seconds, text) in [
            (-30, "just now"),
            (4, "just now"),
            (12, "12 s ago"),
            (61, "1 min ago"),
            (7_300, "2 h ago"),
            (200_000, "2 d ago"),
        ] {
            assert_eq!(age(now - TimeDelta::seconds(seconds), now), text);
        }
    }

    #[test]
    fn a_moment_is_written_in_full() {
        let at = DateTime::UNIX_EPOCH + TimeDelta::days(365) + TimeDelta::minutes(75);
        assert_eq!(moment(at), "1 Jan 1971, 01:15 UTC");
    }

    #[test]
    fn durations_have_one_fitting_unit() {
        assert_eq!(duration(59), "59 s");
        assert_eq!(duration(600), "10 min");
        assert_eq!(duration(18_720), "5.2 h");
        assert_eq!(duration(293_760), "3.4 d");
    }
}
