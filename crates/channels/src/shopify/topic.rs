//! Webhook topics, parsed once at the door.

use std::fmt;

/// A Shopify webhook topic the desk acts on (header `X-Shopify-Topic`).
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
    /// `orders/edited`: what was added and removed, not the order.
    OrdersEdited,
    /// `orders/delete`: hardly more than an id.
    OrdersDelete,
    /// `refunds/create`: a refund, not the order.
    RefundsCreate,
    /// `customers/data_request` (privacy)
    CustomersDataRequest,
    /// `customers/redact` (privacy)
    CustomersRedact,
    /// `shop/redact` (privacy)
    ShopRedact,
}

impl Topic {
    /// Every topic the desk acts on.
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
    fn every_topic_is_read_back_from_its_own_spelling() {
        for topic in Topic::ALL {
            assert_eq!(Topic::parse(topic.as_str()), Some(topic));
        }
    }

    #[test]
    fn filters_offer_the_topics_that_are_acted_on() {
        assert_eq!(Topic::ALL.map(Topic::as_str), domain::wire::TOPICS);
    }

    #[test]
    fn other_topics_are_not_acted_on() {
        for other in ["orders/risk_assessment_changed", "carts/update", ""] {
            assert_eq!(Topic::parse(other), None);
        }
    }
}
