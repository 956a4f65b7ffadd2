//! Money in minor units (cents, pence, whole yen), so that every sum is exact.

/// A currency and the number of decimals in its amounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Currency {
    /// The ISO 4217 code, such as `USD`.
    pub code: &'static str,
    /// Digits after the decimal point: 2 for USD, 0 for JPY.
    pub decimals: u32,
}

impl Currency {
    /// The US dollar.
    pub const USD: Self = Self::new("USD", 2);
    /// The euro.
    pub const EUR: Self = Self::new("EUR", 2);
    /// The pound sterling.
    pub const GBP: Self = Self::new("GBP", 2);
    /// The yen, which has no decimals.
    pub const JPY: Self = Self::new("JPY", 0);
    /// The Kuwaiti dinar, which has three decimals.
    pub const KWD: Self = Self::new("KWD", 3);

    /// Creates a currency from its code and its number of decimals.
    pub const fn new(code: &'static str, decimals: u32) -> Self {
        Self { code, decimals }
    }

    /// Formats an amount in minor units as Shopify does: `1999` is `"19.99"` in USD.
    pub fn write(self, minor: i64) -> String {
        if self.decimals == 0 {
            return minor.to_string();
        }
        let unit = 10_u64.pow(self.decimals);
        let sign = if minor < 0 { "-" } else { "" };
        let (whole, part) = (minor.unsigned_abs() / unit, minor.unsigned_abs() % unit);
        format!(
            "{sign}{whole}.{part:0width$}",
            width = self.decimals as usize
        )
    }

    /// Converts a list price of `cents` US cents to this currency, in minor units.
    ///
    /// Shops set foreign prices manually and round them; no exchange rate is used.
    pub(crate) fn price(self, cents: i64) -> i64 {
        match self.decimals {
            // 1 USD is about 150 JPY, rounded down to 10 yen.
            0 => cents * 3 / 2 / 10 * 10,
            3 => cents * 3,
            _ => cents,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Currency;

    #[test]
    fn amounts_are_written_with_the_decimals_of_their_currency() {
        assert_eq!(Currency::USD.write(1_999), "19.99");
        assert_eq!(Currency::EUR.write(5), "0.05");
        assert_eq!(Currency::GBP.write(-120), "-1.20");
        assert_eq!(Currency::JPY.write(12_800), "12800");
        assert_eq!(Currency::KWD.write(12_345), "12.345");
        assert_eq!(Currency::USD.write(i64::MIN), "-92233720368547758.08");
    }

    #[test]
    fn a_yen_price_is_round() {
        assert_eq!(Currency::JPY.price(4_995), 7_490);
        assert_eq!(Currency::USD.price(4_995), 4_995);
    }
}
