//! Builds a full-size payload for a test.

use std::collections::VecDeque;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use serde_json::Value;

use crate::{
    catalogue::{DEFAULT_SHOP, DISCOUNTS, LOCATIONS, PRODUCTS},
    delivery::Delivery,
    money::Currency,
    order::{Customer, Line, Order},
    payload::payload,
};

/// Builds one order payload of full size, the same on every call.
///
/// The defaults: `#1001`, three lines, 128.40 USD, pending, placed (and last updated) on
/// 15 January 2026 at 10:00 UTC by Maren Okafor. Times are truncated to whole seconds, as
/// Shopify's are. Tests change anything else in the JSON.
///
/// ```
/// let body = simulator::SampleOrder::new(42).total_minor(19_990).to_json();
/// assert_eq!(body["total_price"], "199.90");
/// ```
#[must_use]
pub struct SampleOrder {
    order: Order,
    total: i64,
    lines: usize,
}

impl SampleOrder {
    /// Creates an order with this id. Ids from 2^53 on deserve a test, because a JavaScript
    /// number cannot hold them.
    pub fn new(id: u64) -> Self {
        let placed = DateTime::UNIX_EPOCH + TimeDelta::seconds(1_768_471_200);
        let order = Order {
            id,
            number: 1_001,
            name: "#1001".into(),
            currency: Currency::USD,
            location: &LOCATIONS[1],
            customer: Customer {
                first: "Maren",
                last: "Okafor",
                email: Some("maren.okafor@example.com".into()),
                redacted: false,
            },
            lines: Vec::new(),
            discount: Some(DISCOUNTS[0]),
            shipping: ("Standard", 0),
            note: None,
            test: false,
            financial_status: "pending".into(),
            created_at: placed,
            updated_at: placed,
            closed_at: None,
            cancelled: None,
            fulfilments: Vec::new(),
            refunds: Vec::new(),
            plan: VecDeque::new(),
        };
        Self {
            order,
            total: 12_840,
            lines: 3,
        }
        .split()
    }

    /// Sets the order's name, such as `#1001`.
    pub fn name(mut self, name: &str) -> Self {
        name.clone_into(&mut self.order.name);
        self
    }

    /// Sets the total price in minor units; lines, discount, tax and shipping add up to it.
    pub fn total_minor(self, total: i64) -> Self {
        Self { total, ..self }.split()
    }

    /// Sets the number of lines, at least one.
    pub fn lines(self, lines: usize) -> Self {
        Self {
            lines: lines.max(1),
            ..self
        }
        .split()
    }

    /// Sets the currency; the number of minor units stays the same.
    pub fn currency(mut self, currency: Currency) -> Self {
        self.order.currency = currency;
        self
    }

    /// Sets the financial status: `pending`, `authorized`, `paid`, or any other text.
    pub fn financial_status(mut self, status: &str) -> Self {
        status.clone_into(&mut self.order.financial_status);
        self
    }

    /// Sets when the order was placed; an earlier `updated_at` is moved to the same time.
    pub fn created_at(mut self, at: DateTime<Utc>) -> Self {
        let at = at.trunc_subsecs(0);
        self.order.created_at = at;
        self.order.updated_at = self.order.updated_at.max(at);
        self
    }

    /// Sets when the order last changed, even if this is earlier than before.
    pub fn updated_at(mut self, at: DateTime<Utc>) -> Self {
        self.order.updated_at = at.trunc_subsecs(0);
        self
    }

    /// Returns the payload as Shopify would write it.
    pub fn to_json(&self) -> Value {
        payload(&self.order, DEFAULT_SHOP)
    }

    /// Returns a webhook from [`DEFAULT_SHOP`] with this payload, triggered at `updated_at`.
    pub fn to_delivery(&self, topic: &'static str, webhook_id: &str) -> Delivery {
        Delivery {
            topic,
            shop: DEFAULT_SHOP.to_owned(),
            webhook_id: webhook_id.to_owned(),
            triggered_at: self.order.updated_at,
            body: self.to_json().to_string().into_bytes(),
        }
    }

    /// Distributes the total over lines, discount, tax and shipping, to the last minor unit.
    fn split(mut self) -> Self {
        let (shipping, tax) = (self.total / 20, self.total / 12);
        let goods = self.total - shipping - tax;
        let count = i64::try_from(self.lines).unwrap_or(1);
        let line = |index: usize, share: i64, tax: i64| {
            let discount = share / 9;
            let product = &PRODUCTS[index % PRODUCTS.len()];
            Line {
                product,
                quantity: 1,
                price: share + discount,
                discount,
                tax,
                returned: false,
            }
        };
        // The last line takes the remainder.
        let rest = |whole: i64| whole - whole / count * (count - 1);
        self.order.lines = (0..self.lines - 1)
            .map(|at| line(at, goods / count, tax / count))
            .collect();
        self.order
            .lines
            .push(line(self.lines - 1, rest(goods), rest(tax)));
        self.order.shipping.1 = shipping;
        self
    }
}

#[cfg(test)]
mod tests;
