//! What the sender knows: the other half of the proof.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use simulator::Delivery;

/// What became of one webhook, as far as its sender can tell.
#[derive(Debug)]
pub struct Sent {
    /// What was sent.
    pub delivery: Arc<Delivery>,
    /// It was answered with 200.
    pub acknowledged: bool,
}

/// How an attempt at a delivery ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    /// 200
    Taken,
    /// Another status.
    Refused(u16),
    /// No connection, no answer in time, or an answer that broke off.
    None,
}

/// Everything that was sent; shared by all senders.
#[derive(Debug, Default)]
pub struct Ledger(Mutex<Book>);

#[derive(Debug, Default)]
struct Book {
    sent: HashMap<String, Sent>,
    answers: BTreeMap<Answer, u64>,
}

impl Ledger {
    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A delivery, or a copy of one, is about to be sent.
    pub fn sends(&self, delivery: &Arc<Delivery>) {
        let mut book = self.book();
        book.sent
            .entry(delivery.webhook_id.clone())
            .or_insert_with(|| Sent {
                delivery: Arc::clone(delivery),
                acknowledged: false,
            });
    }

    /// An attempt ended.
    pub fn answered(&self, webhook_id: &str, answer: Answer) {
        let mut book = self.book();
        *book.answers.entry(answer).or_default() += 1;
        if answer == Answer::Taken
            && let Some(sent) = book.sent.get_mut(webhook_id)
        {
            sent.acknowledged = true;
        }
    }

    /// Puts down a delivery that got into the inbox another way.
    pub fn known(&self, delivery: Delivery) {
        let sent = Sent {
            delivery: Arc::new(delivery),
            acknowledged: true,
        };
        let id = sent.delivery.webhook_id.clone();
        self.book().sent.insert(id, sent);
    }

    /// Deliveries acknowledged so far.
    pub fn acknowledged(&self) -> usize {
        self.book()
            .sent
            .values()
            .filter(|sent| sent.acknowledged)
            .count()
    }

    /// Deliveries sent at least once and not acknowledged yet.
    pub fn open(&self) -> usize {
        self.book()
            .sent
            .values()
            .filter(|sent| !sent.acknowledged)
            .count()
    }

    /// How often attempts ended in which way.
    pub fn answers(&self) -> BTreeMap<Answer, u64> {
        self.book().answers.clone()
    }

    /// Attempts that did not end with a 200.
    pub fn failures(&self) -> u64 {
        let book = self.book();
        let failed = book
            .answers
            .iter()
            .filter(|(answer, _)| **answer != Answer::Taken);
        failed.map(|(_, count)| count).sum()
    }

    /// Statuses that say "never send this again": none is right for a signed order.
    pub fn final_refusals(&self) -> Vec<u16> {
        let book = self.book();
        let refused = book.answers.keys().filter_map(|answer| match answer {
            Answer::Refused(status) => Some(*status),
            _ => None,
        });
        refused
            .filter(|status| (400..500).contains(status) && ![408, 429].contains(status))
            .collect()
    }

    /// Looks at every acknowledged delivery.
    pub fn for_each_acknowledged(&self, mut look: impl FnMut(&Delivery)) {
        for sent in self.book().sent.values().filter(|sent| sent.acknowledged) {
            look(&sent.delivery);
        }
    }

    /// The ids of everything ever sent.
    pub fn webhook_ids(&self) -> HashMap<String, bool> {
        let book = self.book();
        let ids = book.sent.iter();
        ids.map(|(id, sent)| (id.clone(), sent.acknowledged))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_is_open_until_any_of_its_copies_is_taken() {
        let ledger = Ledger::default();
        let sample = simulator::SampleOrder::new(1).to_delivery("orders/create", "a");
        let delivery = Arc::new(sample);
        ledger.sends(&delivery);
        ledger.sends(&delivery);
        ledger.answered("a", Answer::None);
        assert_eq!((ledger.open(), ledger.failures()), (1, 1));
        ledger.answered("a", Answer::Taken);
        ledger.answered("a", Answer::Refused(503));
        assert_eq!((ledger.open(), ledger.acknowledged()), (0, 1));
        assert!(ledger.final_refusals().is_empty());
        ledger.answered("a", Answer::Refused(401));
        assert_eq!(ledger.final_refusals(), [401]);
    }
}
