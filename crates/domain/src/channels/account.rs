//! Sales channels, a merchant's accounts with them, and what identifies an order there.

use std::fmt;

/// A sales channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Channel {
    /// Shopify.
    Shopify,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Self; 1] = [Self::Shopify];

    /// The name in the database and in metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Shopify => "shopify",
        }
    }

    /// The channel with this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|channel| channel.as_str() == text)
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A merchant's account with a channel: the source of orders and deliveries.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChannelAccount {
    /// The channel.
    pub channel: Channel,
    /// The account's name at the channel: for Shopify the shop's domain, such as
    /// `acme.myshopify.com`.
    pub name: String,
}

impl ChannelAccount {
    /// An account with Shopify.
    pub fn shopify(shop: impl Into<String>) -> Self {
        Self {
            channel: Channel::Shopify,
            name: shop.into(),
        }
    }
}

/// A channel's id of an order. It is text, because channels number orders in different
/// ways and with larger numbers than JavaScript can represent exactly.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExternalOrderId(String);

/// The longest id in bytes.
pub const MAX_EXTERNAL_ID: usize = 64;

impl ExternalOrderId {
    /// An id of 1 to [`MAX_EXTERNAL_ID`] printable ASCII characters.
    pub fn new(id: impl Into<String>) -> Option<Self> {
        let id = id.into();
        let fits = (1..=MAX_EXTERNAL_ID).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_graphic());
        fits.then_some(Self(id))
    }

    /// The id as the channel spells it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ExternalOrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What identifies an order to its channel. No two orders share one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OrderKey {
    /// The channel's id of the order.
    pub external_id: ExternalOrderId,
    /// The account it was placed with.
    pub account: ChannelAccount,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_channel_is_parsed_from_its_own_name() {
        for channel in Channel::ALL {
            assert_eq!(Channel::parse(channel.as_str()), Some(channel));
        }
        assert_eq!(Channel::parse("ebay"), None);
    }

    #[test]
    fn an_external_id_is_short_printable_text() {
        for id in ["450789469", "902-3159896-1390916", "GSO-1_x"] {
            assert_eq!(
                ExternalOrderId::new(id).map(|id| id.to_string()),
                Some(id.into())
            );
        }
        let long = "7".repeat(MAX_EXTERNAL_ID + 1);
        for id in ["", "a b", "a\0", "é", long.as_str()] {
            assert_eq!(ExternalOrderId::new(id), None, "{id:?}");
        }
    }
}
