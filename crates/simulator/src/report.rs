//! The options of a run and its result.

use crate::{catalogue::DEFAULT_SHOP, sender::Outcome};

/// What a run sends, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Deliveries per second, limited to 0.001 to 10 000; an invalid rate counts as 1.
    pub rate: f64,
    /// Deliveries to take from the scenario, not counting duplicates; `None` is no limit.
    pub count: Option<u64>,
    /// Probability (0 to 1) that a delivery is sent again, under the same webhook id.
    pub duplicates: f64,
    /// Probability (0 to 1) that a delivery is held back while up to eight others are sent.
    pub shuffle: f64,
    /// The same seed gives the same orders and events.
    pub seed: u64,
    /// The shop's `myshopify.com` domain.
    pub shop: String,
}

impl Default for Options {
    /// Five a second without a limit, 5 % twice and 5 % out of order, from [`DEFAULT_SHOP`].
    fn default() -> Self {
        let (duplicates, shuffle) = (0.05, 0.05);
        Self {
            rate: 5.0,
            count: None,
            duplicates,
            shuffle,
            seed: 1,
            shop: DEFAULT_SHOP.to_owned(),
        }
    }
}

/// The outcomes of a run's deliveries; `sent` is the sum of the others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Report {
    /// Deliveries sent, with duplicates, without retries.
    pub sent: u64,
    /// Accepted by the server.
    pub accepted: u64,
    /// Already known to the server.
    pub duplicate: u64,
    /// Understood but not used by the server.
    pub ignored: u64,
    /// Refused permanently (4xx).
    pub rejected: u64,
    /// Failed after all retries, or aborted when the run was stopped.
    pub failed: u64,
}

impl Report {
    /// Counts one delivery; `None` is one that failed.
    pub(crate) fn add(&mut self, end: Option<Outcome>) {
        self.sent += 1;
        *match end {
            Some(Outcome::Accepted) => &mut self.accepted,
            Some(Outcome::Duplicate) => &mut self.duplicate,
            Some(Outcome::Ignored) => &mut self.ignored,
            Some(Outcome::Rejected(_)) => &mut self.rejected,
            None => &mut self.failed,
        } += 1;
    }
}
