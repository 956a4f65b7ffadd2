//! What the sender knows about its deliveries; compared with the database at the end.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use simulator::Delivery;

/// A delivery, as far as its sender knows.
#[derive(Debug)]
struct Entry {
    delivery: Arc<Delivery>,
    /// Whether it was answered with 200.
    acknowledged: bool,
}

/// The result of one attempt to send a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    /// Status 200.
    Accepted,
    /// Another status.
    Refused(u16),
    /// No connection, no answer in time, or an incomplete answer.
    NoAnswer,
}

/// All deliveries sent; shared by all senders.
#[derive(Debug, Default)]
pub struct DeliveryLog(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// By webhook id.
    entries: HashMap<String, Entry>,
    answers: BTreeMap<Answer, u64>,
}

impl DeliveryLog {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records a delivery that is about to be sent, unless it was sent before.
    pub fn record_sent(&self, delivery: &Arc<Delivery>) {
        let mut inner = self.lock();
        inner
            .entries
            .entry(delivery.webhook_id.clone())
            .or_insert_with(|| Entry {
                delivery: Arc::clone(delivery),
                acknowledged: false,
            });
    }

    /// Records the result of an attempt.
    pub fn record_answer(&self, webhook_id: &str, answer: Answer) {
        let mut inner = self.lock();
        *inner.answers.entry(answer).or_default() += 1;
        if answer == Answer::Accepted
            && let Some(entry) = inner.entries.get_mut(webhook_id)
        {
            entry.acknowledged = true;
        }
    }

    /// Records a delivery that was stored in the inbox without being sent.
    pub fn record_stored(&self, delivery: Delivery) {
        let entry = Entry {
            delivery: Arc::new(delivery),
            acknowledged: true,
        };
        let id = entry.delivery.webhook_id.clone();
        self.lock().entries.insert(id, entry);
    }

    /// The number of deliveries acknowledged so far.
    pub fn acknowledged(&self) -> usize {
        self.count(|entry| entry.acknowledged)
    }

    /// The number of deliveries sent at least once and not acknowledged yet.
    pub fn unacknowledged(&self) -> usize {
        self.count(|entry| !entry.acknowledged)
    }

    fn count(&self, wanted: impl Fn(&Entry) -> bool) -> usize {
        let inner = self.lock();
        inner.entries.values().filter(|entry| wanted(entry)).count()
    }

    /// The number of attempts by result.
    pub fn answers(&self) -> BTreeMap<Answer, u64> {
        self.lock().answers.clone()
    }

    /// The number of attempts that were not answered with 200.
    pub fn failures(&self) -> u64 {
        let inner = self.lock();
        let failed = inner
            .answers
            .iter()
            .filter(|(answer, _)| **answer != Answer::Accepted);
        failed.map(|(_, count)| count).sum()
    }

    /// Statuses that mean "do not send this again", which no signed order must get.
    pub fn permanent_refusals(&self) -> Vec<u16> {
        let inner = self.lock();
        let refused = inner.answers.keys().filter_map(|answer| match answer {
            Answer::Refused(status) => Some(*status),
            _ => None,
        });
        refused
            .filter(|status| (400..500).contains(status) && ![408, 429].contains(status))
            .collect()
    }

    /// Calls `visit` with every acknowledged delivery.
    pub fn for_each_acknowledged(&self, mut visit: impl FnMut(&Delivery)) {
        let inner = self.lock();
        for entry in inner.entries.values().filter(|entry| entry.acknowledged) {
            visit(&entry.delivery);
        }
    }

    /// The ids of all deliveries, and whether each was acknowledged.
    pub fn webhook_ids(&self) -> HashMap<String, bool> {
        let inner = self.lock();
        let ids = inner.entries.iter();
        ids.map(|(id, entry)| (id.clone(), entry.acknowledged))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_is_unacknowledged_until_one_of_its_duplicates_is_accepted() {
        let log = DeliveryLog::default();
        let sample = simulator::SampleOrder::new(1).to_delivery("orders/create", "a");
        let delivery = Arc::new(sample);
        log.record_sent(&delivery);
        log.record_sent(&delivery);
        log.record_answer("a", Answer::NoAnswer);
        assert_eq!((log.unacknowledged(), log.failures()), (1, 1));
        log.record_answer("a", Answer::Accepted);
        log.record_answer("a", Answer::Refused(503));
        assert_eq!((log.unacknowledged(), log.acknowledged()), (0, 1));
        assert!(log.permanent_refusals().is_empty());
        log.record_answer("a", Answer::Refused(401));
        assert_eq!(log.permanent_refusals(), [401]);
    }
}
