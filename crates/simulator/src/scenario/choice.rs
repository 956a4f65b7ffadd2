//! Which order moves on when nothing is overdue.

use chrono::{DateTime, TimeDelta, Utc};
use rand::RngExt;

use super::{CROWD, Scenario};
use crate::order::{Order, Step};

/// The least time a parcel is under way, as long as the scenario can afford it.
const SHIPPING_AT_LEAST: TimeDelta = TimeDelta::days(1);

impl Scenario {
    /// The order to move on now. Those that wait the longest come first, more or less, and
    /// half the time the latest unpaid one: payment follows an order closely.
    pub(super) fn choose(&mut self, moment: DateTime<Utc>) -> Option<usize> {
        let patient = self.crowd.len() < CROWD / 2;
        let able: Vec<usize> = (0..self.crowd.len())
            .filter(|index| {
                let order = &self.crowd[*index];
                // Shopify's times are whole seconds: two steps never share one.
                order.updated_at < moment && !(patient && just_shipped(order, moment))
            })
            .collect();
        let unpaid = able
            .iter()
            .copied()
            .filter(|index| matches!(self.crowd[*index].plan.front(), Some((_, Step::Paid))));
        let unpaid = unpaid.max_by_key(|index| self.crowd[*index].updated_at);
        if self.rng.random_bool(0.5) && unpaid.is_some() {
            return unpaid;
        }
        if able.is_empty() {
            return None;
        }
        let drawn: [usize; 4] = std::array::from_fn(|_| able[self.rng.random_range(0..able.len())]);
        drawn
            .into_iter()
            .min_by_key(|index| self.crowd[*index].due())
    }
}

fn just_shipped(order: &Order, moment: DateTime<Utc>) -> bool {
    let whole = order.fulfilment_status() == Some("fulfilled");
    let last = order.fulfilments.last().filter(|_| whole);
    last.is_some_and(|parcel| moment - parcel.created_at < SHIPPING_AT_LEAST)
}
