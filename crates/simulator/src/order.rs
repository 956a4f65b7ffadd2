//! One simulated order, and the sums over its lines.

mod lifecycle;

pub(crate) use lifecycle::Step;

use std::{collections::VecDeque, ops::Range};

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    catalogue::{Location, Product},
    money::Currency,
};

/// One line of an order; amounts are in minor units and for the whole line.
pub(crate) struct Line {
    pub product: &'static Product,
    pub quantity: u32,
    /// The price of one unit.
    pub price: i64,
    pub discount: i64,
    pub tax: i64,
    pub returned: bool,
}

impl Line {
    pub fn gross(&self) -> i64 {
        self.price * i64::from(self.quantity)
    }
}

/// A parcel with the lines in it.
pub(crate) struct Fulfilment {
    pub lines: Range<usize>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub shipment_status: &'static str,
}

/// A refund; its lines are those marked as returned.
pub(crate) struct Refund {
    pub at: DateTime<Utc>,
    /// In minor units.
    pub amount: i64,
    pub note: &'static str,
}

/// The customer, as far as Shopify shows one: it may send null for personal data.
pub(crate) struct Customer {
    pub first: &'static str,
    pub last: &'static str,
    pub email: Option<String>,
    /// No customer, no names and no street are sent.
    pub redacted: bool,
}

/// An order after its latest step; all times are in whole seconds, as Shopify's are.
pub(crate) struct Order {
    pub id: u64,
    pub number: u64,
    pub name: String,
    pub currency: Currency,
    pub location: &'static Location,
    pub customer: Customer,
    pub lines: Vec<Line>,
    /// A code and its discount in percent.
    pub discount: Option<(&'static str, i64)>,
    /// A title and a price in minor units.
    pub shipping: (&'static str, i64),
    pub note: Option<&'static str>,
    pub test: bool,
    pub financial_status: String,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub closed_at: Option<DateTime<Utc>>,
    pub cancelled: Option<(DateTime<Utc>, &'static str)>,
    pub fulfilments: Vec<Fulfilment>,
    pub refunds: Vec<Refund>,
    /// The steps to come, each with the time after the step before it (at least a second).
    pub plan: VecDeque<(TimeDelta, Step)>,
}

impl Order {
    /// The number of lines shipped so far; lines are shipped in order.
    pub fn shipped(&self) -> usize {
        self.fulfilments.last().map_or(0, |parcel| parcel.lines.end)
    }

    pub fn fulfilment_status(&self) -> Option<&'static str> {
        match self.shipped() {
            0 => None,
            some if some < self.lines.len() => Some("partial"),
            _ => Some("fulfilled"),
        }
    }

    pub fn gross(&self) -> i64 {
        self.lines.iter().map(Line::gross).sum()
    }

    pub fn discounts(&self) -> i64 {
        self.lines.iter().map(|line| line.discount).sum()
    }

    pub fn tax(&self) -> i64 {
        self.lines.iter().map(|line| line.tax).sum()
    }

    pub fn total(&self) -> i64 {
        self.gross() - self.discounts() + self.tax() + self.shipping.1
    }

    /// The lines that were not returned: the payload's `current_*` fields sum these.
    pub fn kept(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(|line| !line.returned)
    }

    pub fn current_total(&self) -> i64 {
        if self.kept().next().is_none() {
            return 0;
        }
        let lines = self
            .kept()
            .map(|line| line.gross() - line.discount + line.tax);
        lines.sum::<i64>() + self.shipping.1
    }
}
