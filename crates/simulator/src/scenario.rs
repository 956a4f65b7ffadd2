//! A shop with many open orders, as a sequence of events.

mod choice;

use std::collections::VecDeque;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use rand::{RngExt, SeedableRng, rngs::StdRng};

use crate::{
    delivery::Delivery, ids::Ids, order::Order, payload::payload, random_order::random_order,
};

/// The number of orders placed before the start of a scenario.
const PAST_ORDERS: usize = 150;
/// How long before the start the first of them may be placed.
const PAST: TimeDelta = TimeDelta::days(14);
/// No new order is placed while this many are open and at least one can take its next step.
const OPEN_ORDERS: usize = 300;
/// The most open orders; beyond it, the one that changed longest ago is abandoned.
const MAX_OPEN_ORDERS: usize = 1_000;

/// A shop's orders and their lifecycles: an endless, deterministic source of [`Delivery`].
///
/// It begins with 150 orders placed over the 14 days before its start. Their events come in
/// chronological order and with realistic delays, and new orders are placed in between. Once
/// the past events are sent, orders take their next step as fast as [`Scenario::next`] is
/// called, so an order placed today may be delivered within the hour.
pub struct Scenario {
    shop: String,
    rng: StdRng,
    ids: Ids,
    /// When the orders before the start were placed; earliest first.
    past: VecDeque<DateTime<Utc>>,
    open_orders: Vec<Order>,
}

impl Scenario {
    /// Creates a scenario; it is the same for the same arguments and later clock readings.
    pub fn new(seed: u64, shop: &str, start: DateTime<Utc>) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let start = start.trunc_subsecs(0);
        let mut past: Vec<_> = (0..PAST_ORDERS)
            .map(|index| {
                // Half of them in the last five days, so that many parcels are still in
                // transit and can be delivered after the start.
                let reach = if index % 2 == 0 {
                    PAST
                } else {
                    TimeDelta::days(5)
                };
                start - TimeDelta::seconds(rng.random_range(600..reach.num_seconds()))
            })
            .collect();
        past.sort_unstable();
        let ids = Ids::new(seed, shop, start);
        Self {
            shop: shop.to_owned(),
            rng,
            ids,
            past: past.into(),
            open_orders: Vec::new(),
        }
    }

    /// Returns the next event, at the clock reading `now`: nothing in it is later than that.
    pub fn next(&mut self, now: DateTime<Utc>) -> Delivery {
        let moment = now.trunc_subsecs(0);
        if self.rng.random_bool(0.8)
            && let Some(delivery) = self.catch_up(moment, now)
        {
            return delivery;
        }
        let room = self.open_orders.len() < OPEN_ORDERS;
        if room && self.rng.random_bool(0.25) {
            return self.place_order(moment, now);
        }
        match self.choose(moment) {
            Some(index) => self.advance(index, moment, now),
            None => self.place_order(moment, now),
        }
    }

    /// Returns the earliest event that is due already, with the time it was due.
    fn catch_up(&mut self, moment: DateTime<Utc>, now: DateTime<Utc>) -> Option<Delivery> {
        let due = self
            .open_orders
            .iter()
            .enumerate()
            .filter_map(|(at, order)| Some((order.due()?, at)));
        let due = due.min().filter(|(due, _)| *due <= moment);
        let placed = self
            .past
            .front()
            .copied()
            .filter(|placed| *placed <= moment);
        match (due, placed) {
            (Some((due, index)), placed) if placed.is_none_or(|placed| due < placed) => {
                Some(self.advance(index, moment, now))
            }
            (_, Some(placed)) => {
                self.past.pop_front();
                Some(self.place_order(placed, now))
            }
            _ => None,
        }
    }

    fn place_order(&mut self, placed: DateTime<Utc>, now: DateTime<Utc>) -> Delivery {
        if self.open_orders.len() >= MAX_OPEN_ORDERS {
            let oldest =
                (0..self.open_orders.len()).min_by_key(|index| self.open_orders[*index].updated_at);
            oldest.map(|index| self.open_orders.swap_remove(index));
        }
        let (id, number) = self.ids.order();
        let order = random_order(&mut self.rng, id, number, placed);
        let delivery = self.deliver("orders/create", &order, now);
        self.open_orders.push(order);
        delivery
    }

    fn advance(&mut self, index: usize, moment: DateTime<Utc>, now: DateTime<Utc>) -> Delivery {
        let mut order = self.open_orders.swap_remove(index);
        let at = order.due().map_or(moment, |due| due.min(moment));
        let topic = order.advance(at).unwrap_or("orders/updated");
        let delivery = self.deliver(topic, &order, now);
        if !order.plan.is_empty() {
            self.open_orders.push(order);
        }
        delivery
    }

    fn deliver(&mut self, topic: &'static str, order: &Order, now: DateTime<Utc>) -> Delivery {
        let lag = TimeDelta::milliseconds(self.rng.random_range(50..950));
        Delivery {
            topic,
            shop: self.shop.clone(),
            webhook_id: self.ids.webhook(),
            triggered_at: (order.updated_at + lag).min(now),
            body: payload(order, &self.shop).to_string().into_bytes(),
        }
    }
}

#[cfg(test)]
mod tests;
