//! What a run is asked to do, and what became of it.

use crate::{catalogue::DEFAULT_SHOP, sender::Outcome};

/// What to send, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Deliveries per second, from one in 1000 s to 10 000; nonsense counts as 1.
    pub rate: f64,
    /// Deliveries to take from the scenario, copies not counted; `None` is no end of them.
    pub count: Option<u64>,
    /// Probability (0 to 1) that a delivery is sent again, under the same webhook id.
    pub duplicates: f64,
    /// Probability (0 to 1) that a delivery is held back and sent up to eight others later.
    pub shuffle: f64,
    /// The same seed tells the same story.
    pub seed: u64,
    /// The shop's `myshopify.com` domain.
    pub shop: String,
}

impl Default for Options {
    /// Five a second without end, 5 % twice and 5 % out of order, from [`DEFAULT_SHOP`].
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

/// What became of the deliveries: `sent` is the sum of the others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Report {
    /// Deliveries put on the wire, copies included, retries not.
    pub sent: u64,
    /// Taken in by the server.
    pub accepted: u64,
    /// Known to the server already.
    pub duplicate: u64,
    /// Understood and passed over by the server.
    pub ignored: u64,
    /// Refused for good (4xx).
    pub rejected: u64,
    /// Given up after all retries, or cut off when the run was stopped.
    pub failed: u64,
}

impl Report {
    /// Counts one delivery; `None` is one that never got through.
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
