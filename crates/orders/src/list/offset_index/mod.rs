//! Offset indexes of long lists: the key of every five-thousandth row, so that a
//! jump into the middle of a million orders counts a few thousand rows instead
//! of half a million.
//!
//! An offset index is built when it is first needed, and again after a minute.
//! Orders stored since then are counted in; a list that was otherwise
//! reordered meanwhile is off by as much as it moved, but equally for all of
//! its pages, so that neighbouring pages still fit together.

mod index;

use std::collections::HashMap;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;

use domain::orders::order::OrderState;
use domain::wire::{OrderQuery, OrderSort, last_id_at};
use platform::db::{Db, now};
use sea_orm::DbErr;
use tokio::sync::Mutex;
use tokio::time::Instant;
use tracing::debug;
use uuid::Uuid;

use self::index::OffsetIndex;
use super::access_path::AccessPath;
use super::rows::rows_from;

/// How long an index is used as it is.
const LIFETIME: Duration = Duration::from_mins(1);

/// Pause before each step of building an index again: there is no hurry, and requests
/// want the processors.
const PAUSE: Duration = Duration::from_millis(20);

/// Lists with an index at a time; the oldest are dropped first.
const MAX_LISTS: usize = 32;

/// The indexes of lists that were jumped into lately; cheap to clone.
#[derive(Clone, Debug)]
pub struct OffsetIndexes {
    lifetime: Duration,
    lists: Arc<std::sync::Mutex<HashMap<String, Entry>>>,
}

#[derive(Debug)]
struct Entry {
    since: Instant,
    index: Arc<Mutex<OffsetIndex>>,
    /// Once old, it is used until a new one is built.
    lasts: bool,
    /// A new one is being built.
    renewing: bool,
}

impl Default for OffsetIndexes {
    fn default() -> Self {
        Self::lasting(LIFETIME)
    }
}

impl OffsetIndexes {
    /// Indexes that are old after this long.
    pub fn lasting(lifetime: Duration) -> Self {
        Self {
            lifetime,
            lists: Arc::default(),
        }
    }

    /// `limit` rows of a list from `offset` on.
    pub async fn rows(
        &self,
        db: &Db,
        query: &OrderQuery,
        up_to: Uuid,
        offset: u64,
        limit: u64,
    ) -> Result<Vec<OrderState>, DbErr> {
        let path = AccessPath::for_list(db, query);
        if offset < index::STEP {
            return rows_from(db, query, path, None, offset, limit).await;
        }
        let index = self.of(db, query, up_to);
        let start = index.lock().await.start(db, query, up_to, offset).await?;
        rows_from(db, query, path, start.after, start.skip, limit).await
    }

    /// Builds the whole index of a list, ahead of the first jump into it. A jump
    /// meanwhile waits for one step, not for all of them.
    pub async fn prepare(&self, db: &Db, query: &OrderQuery, up_to: Uuid) -> Result<(), DbErr> {
        let index = self.of(db, query, up_to);
        while index.lock().await.step(db, query).await? {}
        Ok(())
    }

    fn of(&self, db: &Db, query: &OrderQuery, up_to: Uuid) -> Arc<Mutex<OffsetIndex>> {
        let list = query.list();
        let name = list.to_query_string();
        let is_old = |entry: &Entry| entry.since.elapsed() >= self.lifetime;
        let mut lists = self.lists();
        lists.retain(|_, entry| entry.lasts || !is_old(entry));
        if lists.len() >= MAX_LISTS && !lists.contains_key(&name) {
            let oldest = lists.iter().min_by_key(|(_, entry)| entry.since);
            let oldest = oldest.map(|(list, _)| list.clone());
            oldest.and_then(|list| lists.remove(&list));
        }
        let entry = lists
            .entry(name)
            .or_insert_with(|| entry(&list, OffsetIndex::new(up_to)));
        if is_old(entry) && !entry.renewing {
            entry.renewing = true;
            tokio::spawn(self.clone().renew(db.clone(), list));
        }
        Arc::clone(&entry.index)
    }

    /// Builds the index of a list again, while the old one is still in use.
    async fn renew(self, db: Db, list: OrderQuery) {
        let mut index = OffsetIndex::new(last_id_at(now()));
        let walked = loop {
            tokio::time::sleep(PAUSE).await;
            match index.step(&db, &list).await {
                Ok(true) => {}
                Ok(false) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        let mut lists = self.lists();
        let Some(old) = lists.get_mut(&list.to_query_string()) else {
            return;
        };
        match walked {
            Ok(()) => *old = entry(&list, index),
            Err(error) => {
                debug!(%error, "the old index stays");
                old.renewing = false;
            }
        }
    }

    fn lists(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        self.lists.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn entry(list: &OrderQuery, index: OffsetIndex) -> Entry {
    Entry {
        since: Instant::now(),
        index: Arc::new(Mutex::new(index)),
        lasts: is_all_by_time(list),
        renewing: false,
    }
}

/// The list of all orders by the time they were placed. None changes its place
/// there, or leaves: an old index is as good as a new one, only further away.
pub(super) fn is_all_by_time(query: &OrderQuery) -> bool {
    let all = OrderQuery {
        sort: query.sort,
        ..OrderQuery::default()
    };
    matches!(
        query.sort,
        OrderSort::PlacedDescending | OrderSort::PlacedAscending
    ) && query.list() == all
}

#[cfg(test)]
mod tests {
    use domain::orders::status::OrderStatus;

    use super::*;

    #[tokio::test]
    async fn an_old_index_of_all_orders_stays_in_use_and_others_are_built_again_at_once() {
        let db = Db::open("sqlite::memory:", 1).await.unwrap();
        let indexes = OffsetIndexes::lasting(Duration::ZERO);
        let stay = |query: &OrderQuery| {
            let up_to = last_id_at(now());
            let first = indexes.of(&db, query, up_to);
            Arc::ptr_eq(&first, &indexes.of(&db, query, up_to))
        };
        let all = OrderQuery {
            offset: Some(500_000),
            ..OrderQuery::default()
        };
        assert!(stay(&all));
        let sorted = OrderQuery {
            sort: OrderSort::UpdatedDescending,
            ..OrderQuery::default()
        };
        assert!(!stay(&sorted));
        let some = OrderQuery {
            status: vec![OrderStatus::Pending],
            ..OrderQuery::default()
        };
        assert!(!stay(&some));
        assert!(stay(&all), "whatever was asked for in between");
    }
}
