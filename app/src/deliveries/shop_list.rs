//! The loading state of the list of shops.

use domain::channels::shop::ShopDomain;
use domain::wire::{Problem, Shop};

use super::reason;

/// The list of shops, or why there is none.
#[derive(Debug, Clone)]
pub enum Listed {
    /// Nothing has arrived yet.
    Nothing,
    /// The shops, by name.
    Shops(Vec<Shop>),
    /// It did not load.
    Failed(Problem),
}

impl Listed {
    /// The shops, as far as they are loaded.
    pub fn shops(&self) -> &[Shop] {
        match self {
            Self::Shops(shops) => shops,
            Self::Nothing | Self::Failed(_) => &[],
        }
    }

    /// The text in place of an empty list.
    pub fn note(&self) -> Option<String> {
        match self {
            Self::Nothing => Some("Loading…".to_owned()),
            Self::Failed(problem) => {
                let reason = reason(problem.clone());
                Some(format!("The list did not load. {reason}"))
            }
            Self::Shops(shops) => shops
                .is_empty()
                .then(|| "No shop has sent a webhook yet.".to_owned()),
        }
    }

    /// Takes a shop off the list.
    pub fn forget(&mut self, gone: &ShopDomain) {
        if let Self::Shops(shops) = self {
            shops.retain(|shop| shop.shop != *gone);
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn shop(name: &str) -> Shop {
        Shop {
            shop: name.parse().unwrap(),
            first_seen_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_list_without_its_last_shop_shows_that_it_is_empty() {
        let (acme, globex) = (shop("acme.myshopify.com"), shop("globex.myshopify.com"));
        let mut listed = Listed::Shops(vec![acme.clone(), globex.clone()]);
        listed.forget(&acme.shop);
        assert_eq!(listed.shops(), std::slice::from_ref(&globex));
        assert_eq!(listed.note(), None);
        listed.forget(&globex.shop);
        assert_eq!(
            listed.note().as_deref(),
            Some("No shop has sent a webhook yet.")
        );
    }
}
