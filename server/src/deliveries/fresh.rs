//! Deliveries this process took in a moment ago, already read: the worker that
//! gets one need neither load nor read it again. Only a shortcut. What is not
//! here any more, or came in elsewhere, is read from the database.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use domain::notice::Notice;
use uuid::Uuid;

/// Deliveries remembered; older ones make room. Most are gone within
/// milliseconds, those that other instances work on are not.
const CAPACITY: usize = 4_096;

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
    arrival: VecDeque<Uuid>,
}

impl Fresh {
    /// Remembers deliveries that were committed just now.
    pub fn remember(&self, deliveries: impl IntoIterator<Item = Incoming>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for delivery in deliveries {
            known.arrival.push_back(delivery.id);
            known.by_id.insert(delivery.id, delivery);
        }
        while known.arrival.len() > CAPACITY {
            if let Some(oldest) = known.arrival.pop_front() {
                known.by_id.remove(&oldest);
            }
        }
    }

    /// Takes what is known of these.
    pub fn take(&self, ids: &[Uuid]) -> Vec<Incoming> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ids.iter().filter_map(|id| known.by_id.remove(id)).collect()
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
    fn what_nobody_takes_makes_room() {
        let fresh = Fresh::default();
        let all = CAPACITY as u128 + 10;
        fresh.remember((0..all).map(delivery));
        assert!(fresh.take(&[Uuid::from_u128(9)]).is_empty());
        assert_eq!(fresh.take(&[Uuid::from_u128(10)]).len(), 1);
        assert_eq!(fresh.take(&[Uuid::from_u128(all - 1)]).len(), 1);
    }
}
