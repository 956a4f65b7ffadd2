//! The shipping fee of an order, by its total.

use std::str::FromStr;

use rust_decimal::Decimal;

use crate::money;

/// Fee tiers, sorted by limit. A total below a tier's limit pays its fee; a total at or
/// above every limit ships free. Amounts are in the order's own currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShippingTiers(Vec<Tier>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Tier {
    below: Decimal,
    fee: Decimal,
}

/// Why a tier list could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TierError {
    /// An entry is not `limit:fee`.
    #[error("'{0}' is not 'limit:fee', for example 50:9.99")]
    Malformed(String),
    /// Limits do not increase from left to right, or an amount is negative.
    #[error("limits must increase and amounts must not be negative")]
    InvalidSequence,
}

impl Default for ShippingTiers {
    fn default() -> Self {
        let tier = |below: i64, fee_cents: i64| Tier {
            below: Decimal::from(below),
            fee: Decimal::new(fee_cents, 2),
        };
        Self(vec![tier(50, 999), tier(100, 799), tier(200, 599)])
    }
}

impl ShippingTiers {
    /// The fee, in minor units of `currency`, for a total in the same minor units.
    pub fn fee(&self, total_minor: i64, currency: &str) -> i64 {
        let total = Decimal::new(total_minor, money::exponent(currency));
        self.0
            .iter()
            .find(|tier| total < tier.below)
            .and_then(|tier| money::to_minor(tier.fee, currency).ok())
            .map_or(0, |fee| fee.units)
    }
}

/// Reads `50:9.99,100:7.99,200:5.99`.
impl FromStr for ShippingTiers {
    type Err = TierError;

    fn from_str(text: &str) -> Result<Self, TierError> {
        let mut tiers: Vec<Tier> = Vec::new();
        for entry in text.split(',').map(str::trim).filter(|e| !e.is_empty()) {
            let malformed = || TierError::Malformed(entry.to_owned());
            let (below, fee) = entry.split_once(':').ok_or_else(malformed)?;
            let tier = Tier {
                below: money::parse(below).map_err(|_| malformed())?,
                fee: money::parse(fee).map_err(|_| malformed())?,
            };
            let grows = tiers.last().is_none_or(|last| last.below < tier.below);
            if !grows || tier.below.is_sign_negative() || tier.fee.is_sign_negative() {
                return Err(TierError::InvalidSequence);
            }
            tiers.push(tier);
        }
        Ok(Self(tiers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_tiers_are_the_documented_ones() {
        let tiers = ShippingTiers::default();
        for (total, fee) in [
            (0, 999),
            (4_999, 999),
            (5_000, 799),
            (9_999, 799),
            (10_000, 599),
            (19_999, 599),
            (20_000, 0),
            (1_000_000, 0),
        ] {
            assert_eq!(tiers.fee(total, "USD"), fee, "total {total}");
        }
    }

    #[test]
    fn a_currency_without_decimals_pays_a_whole_number() {
        assert_eq!(ShippingTiers::default().fee(40, "JPY"), 10);
    }

    #[test]
    fn tiers_can_be_configured() {
        let tiers: ShippingTiers = "10:1.50, 20:0.75".parse().unwrap();
        assert_eq!(tiers.fee(999, "EUR"), 150);
        assert_eq!(tiers.fee(1_999, "EUR"), 75);
        assert_eq!(tiers.fee(2_000, "EUR"), 0);
    }

    #[test]
    fn malformed_tiers_say_what_is_wrong() {
        assert_eq!(
            "50=9".parse::<ShippingTiers>(),
            Err(TierError::Malformed("50=9".into()))
        );
        assert_eq!(
            "50:9,20:1".parse::<ShippingTiers>(),
            Err(TierError::InvalidSequence)
        );
    }
}
