//! Conflation: a frame contains the newest version of every item that changed since the
//! last frame. So a burst of thousands of changes costs a client only a few frames.

use std::collections::HashMap;

use uuid::Uuid;

use super::Feed;

/// Items waiting for the next frame.
#[derive(Debug)]
pub struct Conflater<F: Feed> {
    waiting: HashMap<Uuid, F::Item>,
}

impl<F: Feed> Default for Conflater<F> {
    fn default() -> Self {
        Self {
            waiting: HashMap::new(),
        }
    }
}

impl<F: Feed> Conflater<F> {
    /// Adds a change. Only the newest version of an item is kept.
    pub fn add(&mut self, item: F::Item) {
        let known = self.waiting.get(&F::id(&item));
        if known.is_none_or(|known| F::version(known) < F::version(&item)) {
            self.waiting.insert(F::id(&item), item);
        }
    }

    /// The number of items that are waiting.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// No item is waiting.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Takes up to `limit` items for a frame.
    pub fn take(&mut self, limit: usize) -> Vec<F::Item> {
        let ids: Vec<Uuid> = self.waiting.keys().take(limit).copied().collect();
        ids.iter()
            .filter_map(|id| self.waiting.remove(id))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use sea_orm::DbErr;
    use serde::{Deserialize, Serialize};

    use super::*;
    use crate::db::Db;
    use crate::live::feed::Rooms;
    use crate::live::feed::event_table::EventTable;

    #[derive(Debug)]
    struct Things;

    #[derive(Debug, Clone, Serialize, Deserialize)]
    struct Thing {
        id: Uuid,
        version: i64,
    }

    impl Feed for Things {
        type State = Thing;
        type Item = Thing;
        const EVENTS: EventTable = EventTable {
            name: "thing_events",
            subject: "thing_id",
            counter: "thing_event_counter",
        };
        const ROOMS: Rooms = Rooms {
            namespace: "/things",
            single: "single",
            single_event: "THING",
            batch: "batch",
            batch_event: "THINGS",
            cursor: "cursor",
            cursor_event: "CURSOR",
        };

        fn item(state: &Thing) -> Thing {
            state.clone()
        }

        fn id(item: &Thing) -> Uuid {
            item.id
        }

        fn version(item: &Thing) -> i64 {
            item.version
        }

        fn updated_at(_: &Thing) -> DateTime<Utc> {
            DateTime::UNIX_EPOCH
        }

        async fn load(_: &Db, _: Vec<Uuid>) -> Result<Vec<Thing>, DbErr> {
            Ok(Vec::new())
        }

        async fn changed_since(
            _: &Db,
            _: DateTime<Utc>,
            _: Option<(DateTime<Utc>, Uuid)>,
            _: u64,
        ) -> Result<Vec<Thing>, DbErr> {
            Ok(Vec::new())
        }
    }

    const fn thing(id: u128, version: i64) -> Thing {
        Thing {
            id: Uuid::from_u128(id),
            version,
        }
    }

    #[test]
    fn only_the_newest_version_of_each_item_is_sent() {
        let mut conflater = Conflater::<Things>::default();
        for (id, version) in [(1, 1), (2, 5), (1, 3), (1, 2), (2, 4)] {
            conflater.add(thing(id, version));
        }
        let mut frame: Vec<_> = conflater.take(10).iter().map(|it| it.version).collect();
        frame.sort_unstable();
        assert_eq!(frame, [3, 5]);
        assert!(conflater.is_empty());
    }

    #[test]
    fn a_frame_is_bounded_and_the_rest_waits() {
        let mut conflater = Conflater::<Things>::default();
        for id in 0..5 {
            conflater.add(thing(id, 1));
        }
        assert_eq!(conflater.take(3).len(), 3);
        assert_eq!(conflater.take(3).len(), 2);
    }
}
