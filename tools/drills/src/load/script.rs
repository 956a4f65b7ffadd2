//! What is sent: many orders with whole lives, some news twice, some late.

use std::collections::VecDeque;
use std::sync::Arc;

use chrono::Utc;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use simulator::{DEFAULT_SHOP, Delivery, Scenario};

/// Share of deliveries that are sent twice, and that are overtaken by others.
const DUPLICATES: f64 = 0.1;
const SHUFFLED: f64 = 0.1;

/// A held-back delivery lets at most this many others go first.
const LONGEST_WAIT: usize = 30;

/// An endless source of deliveries, in the order they reach the wire.
pub struct Script {
    scenario: Scenario,
    rng: StdRng,
    /// What is held back, and how many are still to overtake it.
    held: VecDeque<(usize, Arc<Delivery>)>,
}

impl Script {
    /// The same seed tells the same story.
    pub fn new(seed: u64) -> Self {
        Self {
            scenario: Scenario::new(seed, DEFAULT_SHOP, Utc::now()),
            rng: StdRng::seed_from_u64(!seed),
            held: VecDeque::new(),
        }
    }

    /// The next delivery on the wire.
    pub fn tell(&mut self) -> Arc<Delivery> {
        loop {
            if let Some(late) = self.release() {
                return late;
            }
            let delivery = Arc::new(self.scenario.next(Utc::now()));
            if self.rng.random_bool(DUPLICATES) {
                self.hold(Arc::clone(&delivery));
            }
            if !self.rng.random_bool(SHUFFLED) {
                return delivery;
            }
            self.hold(delivery);
        }
    }

    /// What is still held back when nothing new is to be told.
    pub fn rest(self) -> impl Iterator<Item = Arc<Delivery>> {
        self.held.into_iter().map(|(_, delivery)| delivery)
    }

    fn hold(&mut self, delivery: Arc<Delivery>) {
        let wait = self.rng.random_range(1..=LONGEST_WAIT);
        self.held.push_back((wait, delivery));
    }

    fn release(&mut self) -> Option<Arc<Delivery>> {
        for (wait, _) in &mut self.held {
            *wait = wait.saturating_sub(1);
        }
        let due = self.held.iter().position(|(wait, _)| *wait == 0)?;
        self.held.remove(due).map(|(_, delivery)| delivery)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn some_deliveries_come_twice_some_late_and_none_is_forgotten() {
        let mut script = Script::new(1);
        let mut times: HashMap<String, usize> = HashMap::new();
        let mut late = 0;
        let mut newest = chrono::DateTime::UNIX_EPOCH;
        let mut wire: Vec<_> = (0..500).map(|_| script.tell()).collect();
        wire.extend(script.rest());
        for delivery in wire {
            *times.entry(delivery.webhook_id.clone()).or_default() += 1;
            late += usize::from(delivery.triggered_at < newest);
            newest = newest.max(delivery.triggered_at);
        }
        let twice = times.values().filter(|times| **times == 2).count();
        assert!((20..90).contains(&twice), "{twice} came twice");
        assert!(late > 20, "{late} came late");
    }
}
