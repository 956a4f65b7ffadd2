//! The domains of shops at Shopify, in one spelling, so that every shop is one shop.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Every shop's domain ends with this.
const SUFFIX: &str = ".myshopify.com";

/// The longest name before it: one label of a domain name (RFC 1035, 2.3.4).
const MAX_LABEL: usize = 63;

/// A valid shop domain in its normal form: lower case, no trailing dot.
///
/// The header that names the shop is not signed, so an attacker can change it: other
/// spellings of a shop must not become other shops, and impossible names are refused.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ShopDomain(String);

/// A name is not a shop domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a shop is named like acme.myshopify.com")]
pub struct NotAShop;

impl ShopDomain {
    /// The domain, such as `acme.myshopify.com`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The normal form of a domain name. Also used to look up shops that were stored before
/// names were checked.
pub fn normal(name: &str) -> String {
    name.trim().trim_end_matches('.').to_ascii_lowercase()
}

impl FromStr for ShopDomain {
    type Err = NotAShop;

    fn from_str(name: &str) -> Result<Self, NotAShop> {
        let name = normal(name);
        let label = name.strip_suffix(SUFFIX).ok_or(NotAShop)?;
        let fits = (1..=MAX_LABEL).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-');
        if fits { Ok(Self(name)) } else { Err(NotAShop) }
    }
}

impl TryFrom<String> for ShopDomain {
    type Error = NotAShop;

    fn try_from(name: String) -> Result<Self, NotAShop> {
        name.parse()
    }
}

impl From<ShopDomain> for String {
    fn from(shop: ShopDomain) -> Self {
        shop.0
    }
}

impl fmt::Display for ShopDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_spelling_of_a_shop_is_the_same_shop() {
        let shop: ShopDomain = "acme.myshopify.com".parse().unwrap();
        for spelling in [
            "ACME.MyShopify.com",
            "acme.myshopify.com.",
            " acme.myshopify.com ",
        ] {
            assert_eq!(spelling.parse(), Ok(shop.clone()), "{spelling}");
        }
    }

    #[test]
    fn an_impossible_shop_domain_is_refused() {
        for name in [
            "",
            "myshopify.com",
            ".myshopify.com",
            "acme.example.com",
            "a.b.myshopify.com",
            "-acme.myshopify.com",
            "acme.myshopify.com.evil.example",
            "acme.myshopify.com/x",
            "ac me.myshopify.com",
            "аcme.myshopify.com",
            &format!("{}.myshopify.com", "a".repeat(64)),
        ] {
            assert_eq!(name.parse::<ShopDomain>(), Err(NotAShop), "{name}");
        }
    }

    proptest! {
        #[test]
        fn a_normal_form_is_its_own_normal_form(name in "[a-zA-Z0-9-]{1,20}\\.MyShopify\\.com\\.?") {
            if let Ok(shop) = name.parse::<ShopDomain>() {
                prop_assert_eq!(shop.as_str().parse(), Ok(shop.clone()));
            }
        }
    }
}
