//! A cache of deliveries that this process has just stored, in parsed form, so that a
//! worker need not load and parse them again. A delivery that is not in the cache, for
//! example because it arrived at another instance, is loaded from the database.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use domain::channels::account::ChannelAccount;
use domain::channels::event::ChannelEvent;
use uuid::Uuid;

/// The most deliveries in the cache. In a backlog the oldest deliveries are processed
/// next, so when the cache is full, new ones are not added.
const CAPACITY: usize = 8_192;

/// Deliveries are dropped after this time. Most are taken within milliseconds; those that
/// another instance processes are never taken.
const LIFETIME: Duration = Duration::from_secs(5);

/// A delivery with its parsed content.
#[derive(Debug, Clone)]
pub struct ParsedDelivery {
    /// The id of its row in `deliveries`.
    pub id: Uuid,
    /// The account it came from.
    pub account: ChannelAccount,
    /// The channel's topic, as sent.
    pub topic: String,
    /// The time of the event at the channel, if the channel sent it.
    pub triggered_at: Option<DateTime<Utc>>,
    /// When the server received it.
    pub received_at: DateTime<Utc>,
    /// The parsed content.
    pub event: ChannelEvent,
}

/// Parsed deliveries by id; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct ParsedCache(Arc<Mutex<Entries>>);

#[derive(Debug, Default)]
struct Entries {
    by_id: HashMap<Uuid, ParsedDelivery>,
    /// The oldest first; may contain deliveries that were taken.
    arrival: VecDeque<(Instant, Uuid)>,
}

impl ParsedCache {
    /// Adds deliveries that were just committed, as long as there is room.
    pub fn insert(&self, deliveries: impl IntoIterator<Item = ParsedDelivery>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.drop_older_than(LIFETIME);
        for delivery in deliveries {
            if known.by_id.len() == CAPACITY {
                return;
            }
            known.arrival.push_back((Instant::now(), delivery.id));
            known.by_id.insert(delivery.id, delivery);
        }
    }

    /// Removes and returns those of these deliveries that are in the cache.
    pub fn take(&self, ids: &[Uuid]) -> Vec<ParsedDelivery> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ids.iter().filter_map(|id| known.by_id.remove(id)).collect()
    }
}

impl Entries {
    /// Drops deliveries that are older than `lifetime`, and the arrival entries of
    /// deliveries that were taken.
    fn drop_older_than(&mut self, lifetime: Duration) {
        while let Some((since, id)) = self.arrival.front() {
            if since.elapsed() < lifetime && self.by_id.contains_key(id) {
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
    fn a_delivery_that_is_never_taken_is_dropped_after_its_lifetime() {
        let cache = ParsedCache::default();
        let full = CAPACITY as u128;
        cache.insert((0..=full).map(delivery));
        assert!(cache.take(&[Uuid::from_u128(full)]).is_empty());
        cache.0.lock().unwrap().drop_older_than(Duration::ZERO);
        cache.insert([delivery(full)]);
        assert_eq!(cache.take(&[Uuid::from_u128(full)]).len(), 1);
        assert!(cache.take(&[Uuid::from_u128(0)]).is_empty());
    }

    #[test]
    fn arrival_entries_of_taken_deliveries_do_not_accumulate() {
        let cache = ParsedCache::default();
        for id in 0..100 {
            cache.insert([delivery(id)]);
            cache.take(&[Uuid::from_u128(id)]);
        }
        assert!(cache.0.lock().is_ok_and(|known| known.arrival.len() <= 1));
    }
}
