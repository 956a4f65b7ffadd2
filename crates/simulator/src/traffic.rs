//! What goes over the wire: a scenario's deliveries, some of them twice, some out of order.

use chrono::{DateTime, Utc};
use rand::{RngExt, SeedableRng, rngs::StdRng};

use crate::{delivery::Delivery, report::Options, scenario::Scenario};

/// A delivery waits for at most this many others to go first.
const LONGEST_WAIT: u64 = 8;

pub(crate) struct Traffic {
    scenario: Scenario,
    rng: StdRng,
    duplicates: f64,
    shuffle: f64,
    /// Deliveries still to take from the scenario; `None` is no end of them.
    left: Option<u64>,
    sent: u64,
    /// What is held back, with the number of deliveries to be sent before it.
    held: Vec<(u64, Delivery)>,
}

impl Traffic {
    pub fn new(options: &Options, start: DateTime<Utc>) -> Self {
        Self {
            scenario: Scenario::new(options.seed, &options.shop, start),
            // Its own dice: the story stays the same whatever happens to it on the wire.
            rng: StdRng::seed_from_u64(!options.seed),
            duplicates: probability(options.duplicates),
            shuffle: probability(options.shuffle),
            left: options.count,
            sent: 0,
            held: Vec::new(),
        }
    }

    /// What to send next; `None` once everything, and everything held back, was sent.
    pub fn next(&mut self, now: DateTime<Utc>) -> Option<Delivery> {
        let delivery = loop {
            let ended = self.left == Some(0);
            if let Some(delivery) = self.release(ended) {
                break delivery;
            }
            if ended {
                return None;
            }
            self.left = self.left.map(|left| left - 1);
            let delivery = self.scenario.next(now);
            if self.rng.random_bool(self.duplicates) {
                self.hold(delivery.clone());
            }
            if !self.rng.random_bool(self.shuffle) {
                break delivery;
            }
            self.hold(delivery);
        };
        self.sent += 1;
        Some(delivery)
    }

    fn hold(&mut self, delivery: Delivery) {
        let wait = self.rng.random_range(1..=LONGEST_WAIT);
        self.held.push((self.sent + wait, delivery));
    }

    /// The delivery held back the longest beyond its time. When so much is held that
    /// nothing else is sent any more, and at the end, it need not be due.
    fn release(&mut self, ended: bool) -> Option<Delivery> {
        let (index, due) = self
            .held
            .iter()
            .map(|(due, _)| *due)
            .enumerate()
            .min_by_key(|at| at.1)?;
        let crowded = self.held.len() as u64 > 2 * LONGEST_WAIT;
        (due <= self.sent || crowded || ended).then(|| self.held.remove(index).1)
    }
}

/// Whatever the caller asks for, a probability is between 0 and 1.
fn probability(asked: f64) -> f64 {
    if asked.is_finite() {
        asked.clamp(0.0, 1.0)
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests;
