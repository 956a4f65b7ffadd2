//! Shopify's order ids, which are strings on the wire.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Shopify's order id. It has up to 63 bits, more than a JavaScript number represents
/// exactly, so it is sent as a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ShopifyOrderId(i64);

impl ShopifyOrderId {
    /// An id, which must be positive; Shopify's ids never exceed 63 bits.
    pub fn new(id: i64) -> Option<Self> {
        (id > 0).then_some(Self(id))
    }

    /// The number, as stored.
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl fmt::Display for ShopifyOrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for ShopifyOrderId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse()
            .ok()
            .and_then(Self::new)
            .ok_or("a Shopify id is a positive 64-bit integer")
    }
}

impl Serialize for ShopifyOrderId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ShopifyOrderId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_beyond_two_to_the_53_are_sent_as_strings() {
        let id = ShopifyOrderId::new(820_982_911_946_154_508).unwrap();
        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(json, r#""820982911946154508""#);
        assert_eq!(serde_json::from_str::<ShopifyOrderId>(&json).unwrap(), id);
    }

    #[test]
    fn only_positive_ids_are_accepted() {
        assert!(ShopifyOrderId::new(0).is_none());
        assert!("-5".parse::<ShopifyOrderId>().is_err());
    }
}
