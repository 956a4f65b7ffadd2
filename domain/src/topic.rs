//! Webhook topics, parsed once at the door.

use std::fmt;

/// A Shopify webhook topic (header `X-Shopify-Topic`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    /// `orders/create`
    OrdersCreate,
    /// `orders/updated`
    OrdersUpdated,
    /// `orders/paid`
    OrdersPaid,
    /// `orders/cancelled`
    OrdersCancelled,
    /// `orders/fulfilled`
    OrdersFulfilled,
    /// `orders/partially_fulfilled`
    OrdersPartiallyFulfilled,
}

impl Topic {
    /// Every topic whose payload is a whole order.
    pub const ALL: [Self; 6] = [
        Self::OrdersCreate,
        Self::OrdersUpdated,
        Self::OrdersPaid,
        Self::OrdersCancelled,
        Self::OrdersFulfilled,
        Self::OrdersPartiallyFulfilled,
    ];

    /// The topic of a header value; `None` for topics the desk does not act on.
    pub fn parse(value: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|topic| topic.as_str().eq_ignore_ascii_case(value.trim()))
    }

    /// The topic as Shopify spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OrdersCreate => "orders/create",
            Self::OrdersUpdated => "orders/updated",
            Self::OrdersPaid => "orders/paid",
            Self::OrdersCancelled => "orders/cancelled",
            Self::OrdersFulfilled => "orders/fulfilled",
            Self::OrdersPartiallyFulfilled => "orders/partially_fulfilled",
        }
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_topic_is_read_back_from_its_own_spelling() {
        for topic in Topic::ALL {
            assert_eq!(Topic::parse(topic.as_str()), Some(topic));
        }
    }

    #[test]
    fn topics_without_an_order_payload_are_not_order_topics() {
        for other in ["orders/delete", "refunds/create", "carts/update", ""] {
            assert_eq!(Topic::parse(other), None);
        }
    }
}
