//! Many orders in flight, told one event at a time.

mod choice;

use std::collections::VecDeque;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use rand::{RngExt, SeedableRng, rngs::StdRng};

use crate::{delivery::Delivery, draft::draft, ids::Ids, order::Order, payload::payload};

/// How many orders a scenario starts with in its past.
const PAST_ORDERS: usize = 150;
/// How far that past reaches back.
const PAST: TimeDelta = TimeDelta::days(14);
/// New orders stop coming while this many are in flight and at least one can move on.
const CROWD: usize = 300;
/// More than this are never in flight: the oldest then goes quiet.
const CROWD_LIMIT: usize = 1_000;
/// A shop's orders and their lives: an endless, deterministic source of [`Delivery`].
///
/// It begins with 150 orders placed over the 14 days before its start, told in the
/// order things happened and with believable delays; new orders come in between. Once the
/// past is told, orders move on at the pace of [`Scenario::next`], so an order of today may
/// be delivered within the hour.
pub struct Scenario {
    shop: String,
    rng: StdRng,
    ids: Ids,
    /// When the orders of the past were placed; earliest first.
    past: VecDeque<DateTime<Utc>>,
    crowd: Vec<Order>,
}

impl Scenario {
    /// A scenario that is the same for the same arguments and the same later clock readings.
    pub fn new(seed: u64, shop: &str, start: DateTime<Utc>) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let start = start.trunc_subsecs(0);
        let mut past: Vec<_> = (0..PAST_ORDERS)
            .map(|index| {
                // Half of them in the last five days, so that many parcels are still under
                // way: their delivery can then happen now, after days on the road.
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
            crowd: Vec::new(),
        }
    }

    /// The next event, at the clock reading `now`: nothing in it is later than that.
    pub fn next(&mut self, now: DateTime<Utc>) -> Delivery {
        let moment = now.trunc_subsecs(0);
        if self.rng.random_bool(0.8)
            && let Some(delivery) = self.catch_up(moment, now)
        {
            return delivery;
        }
        let room = self.crowd.len() < CROWD;
        if room && self.rng.random_bool(0.25) {
            return self.place(moment, now);
        }
        match self.choose(moment) {
            Some(index) => self.advance(index, moment, now),
            None => self.place(moment, now),
        }
    }

    /// What should have happened already: the earliest of it, at its own time.
    fn catch_up(&mut self, moment: DateTime<Utc>, now: DateTime<Utc>) -> Option<Delivery> {
        let due = self
            .crowd
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
                Some(self.place(placed, now))
            }
            _ => None,
        }
    }

    fn place(&mut self, placed: DateTime<Utc>, now: DateTime<Utc>) -> Delivery {
        if self.crowd.len() >= CROWD_LIMIT {
            let oldest = (0..self.crowd.len()).min_by_key(|index| self.crowd[*index].updated_at);
            oldest.map(|index| self.crowd.swap_remove(index));
        }
        let (id, number) = self.ids.order();
        let order = draft(&mut self.rng, id, number, placed);
        let delivery = self.deliver("orders/create", &order, now);
        self.crowd.push(order);
        delivery
    }

    fn advance(&mut self, index: usize, moment: DateTime<Utc>, now: DateTime<Utc>) -> Delivery {
        let mut order = self.crowd.swap_remove(index);
        let at = order.due().map_or(moment, |due| due.min(moment));
        let topic = order.advance(at).unwrap_or("orders/updated");
        let delivery = self.deliver(topic, &order, now);
        if !order.plan.is_empty() {
            self.crowd.push(order);
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
