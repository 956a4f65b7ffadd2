//! The webhook topics that are supported. They are parsed once, so that the other code
//! has to handle every one of them.

use std::fmt;

/// A supported Shopify webhook topic (header `X-Shopify-Topic`).
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
    /// `orders/edited`: contains what was added and removed, not the order.
    OrdersEdited,
    /// `orders/delete`: contains only the order's id.
    OrdersDelete,
    /// `refunds/create`: contains the refund, not the order.
    RefundsCreate,
    /// `customers/data_request` (privacy)
    CustomersDataRequest,
    /// `customers/redact` (privacy)
    CustomersRedact,
    /// `shop/redact` (privacy)
    ShopRedact,
}

impl Topic {
    /// Every supported topic.
    pub const ALL: [Self; 12] = [
        Self::OrdersCreate,
        Self::OrdersUpdated,
        Self::OrdersPaid,
        Self::OrdersCancelled,
        Self::OrdersFulfilled,
        Self::OrdersPartiallyFulfilled,
        Self::OrdersEdited,
        Self::OrdersDelete,
        Self::RefundsCreate,
        Self::CustomersDataRequest,
        Self::CustomersRedact,
        Self::ShopRedact,
    ];

    /// The topic of a header value; `None` if it is not supported.
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
            Self::OrdersEdited => "orders/edited",
            Self::OrdersDelete => "orders/delete",
            Self::RefundsCreate => "refunds/create",
            Self::CustomersDataRequest => "customers/data_request",
            Self::CustomersRedact => "customers/redact",
            Self::ShopRedact => "shop/redact",
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
    fn every_topic_is_parsed_from_its_own_spelling() {
        for topic in Topic::ALL {
            assert_eq!(Topic::parse(topic.as_str()), Some(topic));
        }
    }

    #[test]
    fn the_topics_offered_for_filtering_are_the_supported_ones() {
        assert_eq!(Topic::ALL.map(Topic::as_str), domain::wire::TOPICS);
    }

    #[test]
    fn other_topics_are_not_supported() {
        for other in ["orders/risk_assessment_changed", "carts/update", ""] {
            assert_eq!(Topic::parse(other), None);
        }
    }
}
