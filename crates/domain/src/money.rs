//! Exact amounts of money: stored as minor units in an `i64`, sent as decimal strings, so
//! that no amount is ever rounded by floating point.

use iso_currency::Currency;
use rust_decimal::Decimal;
use rust_decimal::RoundingStrategy::MidpointAwayFromZero;
use rust_decimal::prelude::ToPrimitive;

/// The ISO 4217 code for "no currency", for orders whose payloads never named one.
pub const NO_CURRENCY: &str = "XXX";

/// Digits after the decimal point for a code that is not in ISO 4217.
const DEFAULT_EXPONENT: u32 = 2;

/// The largest accepted amount, in minor units: ten trillion dollars. The sum of several
/// thousand such amounts still fits 64 bits.
const MAX_MINOR: u64 = 1_000_000_000_000_000;

/// Why an amount could not be stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The text is not a decimal number.
    #[error("'{0}' is not a decimal amount")]
    NotDecimal(String),
    /// The amount exceeds the largest one that is accepted.
    #[error("{0} is too large to store")]
    TooLarge(Decimal),
}

/// An amount in minor units, and whether it had to be rounded to get there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Minor {
    /// The amount in the smallest unit of the currency, such as cents, yen or fils.
    pub units: i64,
    /// Whether the amount had more decimals than the currency has (`9.999` USD).
    pub rounded: bool,
}

/// Digits after the decimal point for an ISO 4217 currency code.
pub fn exponent(currency: &str) -> u32 {
    Currency::from_code(currency)
        .and_then(Currency::exponent)
        .map_or(DEFAULT_EXPONENT, u32::from)
}

/// Reads a decimal amount as sent by Shopify (`"409.94"`).
pub fn parse(amount: &str) -> Result<Decimal, MoneyError> {
    Decimal::from_str_exact(amount.trim()).map_err(|_| MoneyError::NotDecimal(amount.to_owned()))
}

/// Converts a decimal amount into minor units of `currency`. Surplus digits are rounded
/// half away from zero and reported.
pub fn to_minor(amount: Decimal, currency: &str) -> Result<Minor, MoneyError> {
    let exact = Decimal::from(10_i64.pow(exponent(currency)))
        .checked_mul(amount)
        .ok_or(MoneyError::TooLarge(amount))?;
    let whole = exact.round_dp_with_strategy(0, MidpointAwayFromZero);
    let units = whole
        .to_i64()
        .filter(|units| units.unsigned_abs() <= MAX_MINOR)
        .ok_or(MoneyError::TooLarge(amount))?;
    Ok(Minor {
        units,
        rounded: whole != exact,
    })
}

/// Writes minor units of `currency` as a decimal string (`40994` USD -> `"409.94"`).
pub fn format(units: i64, currency: &str) -> String {
    Decimal::new(units, exponent(currency)).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn currencies_keep_their_own_number_of_decimals() {
        for (text, currency, units) in [
            ("409.94", "USD", 40_994),
            ("12800", "JPY", 12_800),
            ("12800.00", "JPY", 12_800),
            ("1.234", "KWD", 1_234),
            ("-5.10", "EUR", -510),
            ("7.5", "ZZZ", 750),
        ] {
            let minor = to_minor(parse(text).unwrap(), currency).unwrap();
            assert_eq!(
                (minor.units, minor.rounded),
                (units, false),
                "{text} {currency}"
            );
        }
    }

    #[test]
    fn surplus_digits_are_rounded_and_reported() {
        let minor = to_minor(parse("9.995").unwrap(), "USD").unwrap();
        assert_eq!((minor.units, minor.rounded), (1000, true));
    }

    #[test]
    fn nonsense_and_overflow_are_errors() {
        assert!(parse("free").is_err());
        assert!(parse("").is_err());
        assert!(to_minor(parse("99999999999999999999").unwrap(), "USD").is_err());
        assert!(to_minor(parse("10000000000000.01").unwrap(), "USD").is_err());
    }

    proptest! {
        #[test]
        fn any_amount_is_parsed_to_what_was_formatted(units in -1_000_000_000_000_000..=1_000_000_000_000_000_i64, currency in "USD|JPY|KWD|EUR|XXX") {
            let text = format(units, &currency);
            let back = to_minor(parse(&text).unwrap(), &currency).unwrap();
            prop_assert_eq!(back, Minor { units, rounded: false });
        }

        #[test]
        fn arbitrary_text_never_panics(text in ".*") {
            let _ = parse(&text).and_then(|amount| to_minor(amount, "USD"));
        }
    }
}
