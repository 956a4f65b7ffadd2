//! Deliveries that this process stored a moment ago, already parsed: the worker that
//! gets one need neither load nor parse it again. Only a shortcut: what is no longer
//! here, or arrived at another instance, is loaded from the database.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use domain::channels::account::ChannelAccount;
use domain::channels::event::ChannelEvent;
use uuid::Uuid;

/// Deliveries kept. With a backlog the oldest are next in line, so what does not fit is
/// not kept.
const CAPACITY: usize = 8_192;

/// Most are taken within milliseconds. Those that other instances work on are not, and
/// are dropped after this long.
const KEEP: Duration = Duration::from_secs(5);

/// A delivery and what it says.
#[derive(Debug, Clone)]
pub struct ParsedDelivery {
    /// Row of `deliveries`.
    pub id: Uuid,
    /// The account it came from.
    pub account: ChannelAccount,
    /// The channel's topic, as sent.
    pub topic: String,
    /// When the channel says it happened.
    pub triggered_at: Option<DateTime<Utc>>,
    /// When it reached us.
    pub received_at: DateTime<Utc>,
    /// Its content.
    pub event: ChannelEvent,
}

/// Parsed deliveries by id; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct ParsedCache(Arc<Mutex<Entries>>);

#[derive(Debug, Default)]
struct Entries {
    by_id: HashMap<Uuid, ParsedDelivery>,
    /// Oldest first; may name some that were taken.
    arrival: VecDeque<(Instant, Uuid)>,
}

impl ParsedCache {
    /// Keeps deliveries that were committed just now.
    pub fn insert(&self, deliveries: impl IntoIterator<Item = ParsedDelivery>) {
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
    pub fn take(&self, ids: &[Uuid]) -> Vec<ParsedDelivery> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ids.iter().filter_map(|id| known.by_id.remove(id)).collect()
    }
}

impl Entries {
    /// Drops deliveries that were not taken in time, and the arrival of those that were.
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

    fn delivery(id: u128) -> ParsedDelivery {
        ParsedDelivery {
            id: Uuid::from_u128(id),
            account: ChannelAccount::shopify("a"),
            topic: "orders/create".into(),
            triggered_at: None,
            received_at: DateTime::UNIX_EPOCH,
            event: ChannelEvent::AccountRedacted,
        }
    }

    #[test]
    fn a_delivery_is_taken_once() {
        let cache = ParsedCache::default();
        cache.insert([delivery(1), delivery(2)]);
        let wanted = [Uuid::from_u128(2), Uuid::from_u128(3)];
        assert_eq!(cache.take(&wanted).len(), 1);
        assert!(cache.take(&wanted).is_empty());
    }

    #[test]
    fn a_delivery_that_is_never_taken_makes_room_after_a_while() {
        let cache = ParsedCache::default();
        let full = CAPACITY as u128;
        cache.insert((0..=full).map(delivery));
        assert!(cache.take(&[Uuid::from_u128(full)]).is_empty());
        cache.0.lock().unwrap().forget(Duration::ZERO);
        cache.insert([delivery(full)]);
        assert_eq!(cache.take(&[Uuid::from_u128(full)]).len(), 1);
        assert!(cache.take(&[Uuid::from_u128(0)]).is_empty());
    }

    #[test]
    fn arrivals_of_what_was_taken_do_not_pile_up() {
        let cache = ParsedCache::default();
        for id in 0..100 {
            cache.insert([delivery(id)]);
            cache.take(&[Uuid::from_u128(id)]);
        }
        assert!(cache.0.lock().is_ok_and(|known| known.arrival.len() <= 1));
    }
}
