//! Chooses the order that takes its next step when nothing is due.

use chrono::{DateTime, TimeDelta, Utc};
use rand::RngExt;

use super::{OPEN_ORDERS, Scenario};
use crate::order::{Order, Step};

/// The least time a parcel is in transit, as long as there are not too many open orders.
const SHIPPING_AT_LEAST: TimeDelta = TimeDelta::days(1);

impl Scenario {
    /// Chooses an order for its next step: in half of the cases the latest unpaid one, because
    /// payment soon follows an order; else one of those that are due first.
    pub(super) fn choose(&mut self, moment: DateTime<Utc>) -> Option<usize> {
        let patient = self.open_orders.len() < OPEN_ORDERS / 2;
        let able: Vec<usize> = (0..self.open_orders.len())
            .filter(|index| {
                let order = &self.open_orders[*index];
                // Shopify's times are whole seconds, and no two steps may have the same time.
                order.updated_at < moment && !(patient && just_shipped(order, moment))
            })
            .collect();
        let unpaid = able
            .iter()
            .copied()
            .filter(|index| matches!(self.open_orders[*index].plan.front(), Some((_, Step::Paid))));
        let unpaid = unpaid.max_by_key(|index| self.open_orders[*index].updated_at);
        if self.rng.random_bool(0.5) && unpaid.is_some() {
            return unpaid;
        }
        if able.is_empty() {
            return None;
        }
        let drawn: [usize; 4] = std::array::from_fn(|_| able[self.rng.random_range(0..able.len())]);
        drawn
            .into_iter()
            .min_by_key(|index| self.open_orders[*index].due())
    }
}

fn just_shipped(order: &Order, moment: DateTime<Utc>) -> bool {
    let whole = order.fulfilment_status() == Some("fulfilled");
    let last = order.fulfilments.last().filter(|_| whole);
    last.is_some_and(|parcel| moment - parcel.created_at < SHIPPING_AT_LEAST)
}
