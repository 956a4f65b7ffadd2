//! Parses times so that they can be stored: the result is the same on every database and
//! can be written in RFC 3339 again.

use chrono::{DateTime, Datelike, SubsecRound, Timelike, Utc};

/// In chrono's representation, nanoseconds from this value on are in a leap second.
const LEAP: u32 = 1_000_000_000;

/// Parses an RFC 3339 time. It is truncated to microseconds, the precision of the
/// databases, because a time must be equal to itself after it was stored.
///
/// A leap second becomes the last microsecond before it, because neither database has
/// leap seconds. A time whose year in UTC cannot be written with four digits, as RFC 3339
/// requires, is refused; such a year would also sort wrongly as text in `SQLite`.
pub fn parse(text: &str) -> Option<DateTime<Utc>> {
    let time = DateTime::parse_from_rfc3339(text).ok()?.to_utc();
    let time = if time.nanosecond() >= LEAP {
        time.with_nanosecond(LEAP - 1)?
    } else {
        time
    };
    let time = time.trunc_subsecs(6);
    (FIRST_YEAR..=LAST_YEAR)
        .contains(&time.year())
        .then_some(time)
}

/// The first and last year that can be written with four digits.
const FIRST_YEAR: i32 = 1;
const LAST_YEAR: i32 = 9999;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Option<String> {
        parse(text).map(|time| time.to_rfc3339())
    }

    #[test]
    fn a_leap_second_becomes_the_last_microsecond_before_it() {
        assert_eq!(
            read("2016-12-31T23:59:60Z").as_deref(),
            Some("2016-12-31T23:59:59.999999+00:00")
        );
        assert_eq!(
            read("2016-12-31T23:59:60.5Z").as_deref(),
            Some("2016-12-31T23:59:59.999999+00:00")
        );
        assert_eq!(
            read("2017-01-01T00:59:60+01:00").as_deref(),
            Some("2016-12-31T23:59:59.999999+00:00")
        );
    }

    #[test]
    fn a_time_that_is_outside_of_four_digit_years_in_utc_is_refused() {
        assert_eq!(read("9999-12-31T23:59:59-01:00"), None);
        assert_eq!(read("0000-12-31T23:59:59Z"), None);
        assert_eq!(read("0001-01-01T00:00:00+01:00"), None);
        assert_eq!(
            read("9999-12-31T23:59:59.9999999Z").as_deref(),
            Some("9999-12-31T23:59:59.999999+00:00")
        );
    }

    proptest! {
        #[test]
        fn a_time_is_parsed_from_its_own_output(text in "[0-9]{4}-(0[1-9]|1[0-2])-[0-2][0-9]T[0-2][0-9]:[0-5][0-9]:(60|[0-5][0-9])(\\.[0-9]{1,9})?(Z|[+-][01][0-9]:[0-5][0-9])") {
            if let Some(time) = parse(&text) {
                prop_assert_eq!(parse(&time.to_rfc3339()), Some(time));
                let json = serde_json::to_value(time).unwrap();
                prop_assert_eq!(parse(json.as_str().unwrap()), Some(time));
            }
        }
    }
}
