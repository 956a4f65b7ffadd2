//! Deliveries this process took in a moment ago, already read: the worker that
//! gets one need neither load nor read it again. Only a shortcut. What is not
//! here any more, or came in elsewhere, is read from the database.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use domain::notice::Notice;
use uuid::Uuid;

/// Deliveries remembered. With a backlog the oldest are next in line, so what
/// does not fit is not remembered.
const CAPACITY: usize = 8_192;

/// Most are taken within milliseconds. Those that other instances work on are
/// not, and make room after this long.
const KEEP: Duration = Duration::from_secs(5);

/// A delivery and what it says.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// Row of `deliveries`.
    pub id: Uuid,
    /// The shop's domain.
    pub shop: String,
    /// The channel's topic, as sent.
    pub topic: String,
    /// When the channel says it happened.
    pub triggered_at: Option<DateTime<Utc>>,
    /// When it reached us.
    pub received_at: DateTime<Utc>,
    /// Its content.
    pub notice: Notice,
}

/// The deliveries remembered; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Fresh(Arc<Mutex<Remembered>>);

#[derive(Debug, Default)]
struct Remembered {
    by_id: HashMap<Uuid, Incoming>,
    /// Oldest first; may name some that were taken.
    arrival: VecDeque<(Instant, Uuid)>,
}

impl Fresh {
    /// Remembers deliveries that were committed just now.
    pub fn remember(&self, deliveries: impl IntoIterator<Item = Incoming>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.forget(KEEP);
        for delivery in deliveries {
            if known.by_id.len() == CAPACITY {
                return;
            }
            known.arrival.push_back((Instant::now(), delivery.id));
            known.by_id.insert(delivery.id, delivery);
        }
    }

    /// Takes what is known of these.
    pub fn take(&self, ids: &[Uuid]) -> Vec<Incoming> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ids.iter().filter_map(|id| known.by_id.remove(id)).collect()
    }
}

impl Remembered {
    /// Forgets what nobody took, and the arrival of what somebody did.
    fn forget(&mut self, after: Duration) {
        while let Some((since, id)) = self.arrival.front() {
            if since.elapsed() < after && self.by_id.contains_key(id) {
                return;
            }
            self.by_id.remove(id);
            self.arrival.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivery(id: u128) -> Incoming {
        Incoming {
            id: Uuid::from_u128(id),
            shop: "a".into(),
            topic: "orders/create".into(),
            triggered_at: None,
            received_at: DateTime::UNIX_EPOCH,
            notice: Notice::RedactShop,
        }
    }

    #[test]
    fn a_delivery_is_taken_once() {
        let fresh = Fresh::default();
        fresh.remember([delivery(1), delivery(2)]);
        let wanted = [Uuid::from_u128(2), Uuid::from_u128(3)];
        assert_eq!(fresh.take(&wanted).len(), 1);
        assert!(fresh.take(&wanted).is_empty());
    }

    #[test]
    fn what_nobody_takes_makes_room_after_a_while() {
        let fresh = Fresh::default();
        let full = CAPACITY as u128;
        fresh.remember((0..=full).map(delivery));
        assert!(fresh.take(&[Uuid::from_u128(full)]).is_empty());
        fresh.0.lock().unwrap().forget(Duration::ZERO);
        fresh.remember([delivery(full)]);
        assert_eq!(fresh.take(&[Uuid::from_u128(full)]).len(), 1);
        assert!(fresh.take(&[Uuid::from_u128(0)]).is_empty());
    }

    #[test]
    fn arrivals_of_what_was_taken_do_not_pile_up() {
        let fresh = Fresh::default();
        for id in 0..100 {
            fresh.remember([delivery(id)]);
            fresh.take(&[Uuid::from_u128(id)]);
        }
        assert!(fresh.0.lock().is_ok_and(|known| known.arrival.len() <= 1));
    }
}
