//! The deliveries of a scenario in the order they are sent: some twice, some out of order.

use chrono::{DateTime, Utc};
use rand::{RngExt, SeedableRng, rngs::StdRng};

use crate::{delivery::Delivery, report::Options, scenario::Scenario};

/// By default, a delivery is held back for at most this many others.
const LONGEST_WAIT: u64 = 8;

/// An endless or limited source of deliveries with duplicates and deliveries out of order.
pub struct Traffic {
    scenario: Scenario,
    rng: StdRng,
    duplicates: f64,
    shuffle: f64,
    longest_wait: u64,
    /// Deliveries still to take from the scenario; `None` is no limit.
    left: Option<u64>,
    sent: u64,
    /// Deliveries held back, each with the number of deliveries to send before it.
    held: Vec<(u64, Delivery)>,
}

impl Traffic {
    /// Creates the traffic of a scenario that begins at `start`. The rate in `options` is not
    /// used here.
    pub fn new(options: &Options, start: DateTime<Utc>) -> Self {
        Self {
            scenario: Scenario::new(options.seed, &options.shop, start),
            // Separate random numbers, so that duplicates and disorder do not change the
            // events of the scenario.
            rng: StdRng::seed_from_u64(!options.seed),
            duplicates: probability(options.duplicates),
            shuffle: probability(options.shuffle),
            longest_wait: LONGEST_WAIT,
            left: options.count,
            sent: 0,
            held: Vec::new(),
        }
    }

    /// Holds deliveries back for at most this many others, at least one.
    #[must_use]
    pub fn with_longest_wait(self, longest_wait: u64) -> Self {
        Self {
            longest_wait: longest_wait.max(1),
            ..self
        }
    }

    /// Takes no more deliveries from the scenario; those held back are still returned.
    pub fn stop(&mut self) {
        self.left = Some(0);
    }

    /// Returns the next delivery to send; `None` once all were returned.
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
        let wait = self.rng.random_range(1..=self.longest_wait);
        self.held.push((self.sent + wait, delivery));
    }

    /// Takes the delivery whose time has passed the longest ago. At the end, and when too many
    /// are held back, it need not be due.
    fn release(&mut self, ended: bool) -> Option<Delivery> {
        let (index, due) = self
            .held
            .iter()
            .map(|(due, _)| *due)
            .enumerate()
            .min_by_key(|at| at.1)?;
        let full = self.held.len() as u64 > 2 * self.longest_wait;
        (due <= self.sent || full || ended).then(|| self.held.remove(index).1)
    }
}

/// Limits a probability to 0 to 1.
fn probability(requested: f64) -> f64 {
    if requested.is_finite() {
        requested.clamp(0.0, 1.0)
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests;
