//! Offset indexes of long lists: the key of every five-thousandth row, so that a
//! jump into the middle of a million orders counts a few thousand rows instead
//! of half a million.
//!
//! An offset index is built when it is first needed, and again after a minute. Orders
//! that were stored since then are taken into account. If rows have otherwise changed
//! their places, a jump is off by as many rows, but equally for all pages, so that
//! neighbouring pages still fit together.

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

/// An index that is older than this is replaced.
const LIFETIME: Duration = Duration::from_mins(1);

/// The pause before each step of rebuilding an index, because requests need the
/// processors more urgently.
const PAUSE: Duration = Duration::from_millis(20);

/// The most lists with an index; the oldest index is dropped first.
const MAX_LISTS: usize = 32;

/// The indexes of lists with recent jumps; cheap to clone.
#[derive(Clone, Debug)]
pub struct OffsetIndexes {
    lifetime: Duration,
    lists: Arc<std::sync::Mutex<HashMap<String, Entry>>>,
}

#[derive(Debug)]
struct Entry {
    built_at: Instant,
    index: Arc<Mutex<OffsetIndex>>,
    /// When it is old, it is used until a new one is built.
    usable_when_old: bool,
    /// A new one is being built.
    rebuilding: bool,
}

impl Default for OffsetIndexes {
    fn default() -> Self {
        Self::with_lifetime(LIFETIME)
    }
}

impl OffsetIndexes {
    /// Indexes that are replaced after this time.
    pub fn with_lifetime(lifetime: Duration) -> Self {
        Self {
            lifetime,
            lists: Arc::default(),
        }
    }

    /// The `limit` rows of a list from `offset` on.
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
        let index = self.index_for(db, query, up_to);
        let start = index.lock().await.start(db, query, up_to, offset).await?;
        rows_from(db, query, path, start.after, start.skip, limit).await
    }

    /// Builds the whole index of a list before the first jump into it. A jump in the
    /// meantime waits for one step, not for all of them.
    pub async fn prepare(&self, db: &Db, query: &OrderQuery, up_to: Uuid) -> Result<(), DbErr> {
        let index = self.index_for(db, query, up_to);
        while index.lock().await.step(db, query).await? {}
        Ok(())
    }

    fn index_for(&self, db: &Db, query: &OrderQuery, up_to: Uuid) -> Arc<Mutex<OffsetIndex>> {
        let list = query.list();
        let name = list.to_query_string();
        let is_old = |entry: &Entry| entry.built_at.elapsed() >= self.lifetime;
        let mut lists = self.lists();
        lists.retain(|_, entry| entry.usable_when_old || !is_old(entry));
        if lists.len() >= MAX_LISTS && !lists.contains_key(&name) {
            let oldest = lists.iter().min_by_key(|(_, entry)| entry.built_at);
            let oldest = oldest.map(|(list, _)| list.clone());
            oldest.and_then(|list| lists.remove(&list));
        }
        let entry = lists
            .entry(name)
            .or_insert_with(|| entry(&list, OffsetIndex::new(up_to)));
        if is_old(entry) && !entry.rebuilding {
            entry.rebuilding = true;
            tokio::spawn(self.clone().rebuild(db.clone(), list));
        }
        Arc::clone(&entry.index)
    }

    /// Builds a new index of a list while the old one is still in use.
    async fn rebuild(self, db: Db, list: OrderQuery) {
        let mut index = OffsetIndex::new(last_id_at(now()));
        let built = loop {
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
        match built {
            Ok(()) => *old = entry(&list, index),
            Err(error) => {
                debug!(%error, "could not rebuild an offset index; the old one stays in use");
                old.rebuilding = false;
            }
        }
    }

    fn lists(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        self.lists.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn entry(list: &OrderQuery, index: OffsetIndex) -> Entry {
    Entry {
        built_at: Instant::now(),
        index: Arc::new(Mutex::new(index)),
        usable_when_old: is_all_orders_by_time(list),
        rebuilding: false,
    }
}

/// Whether a query is for the list of all orders by the time they were placed. No order
/// leaves that list or changes its place in it, so an old index is as exact as a new one;
/// a jump only has more new orders to count.
pub(super) fn is_all_orders_by_time(query: &OrderQuery) -> bool {
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
    async fn an_old_index_of_all_orders_stays_in_use_and_others_are_rebuilt_at_once() {
        let db = Db::open("sqlite::memory:", 1).await.unwrap();
        let indexes = OffsetIndexes::with_lifetime(Duration::ZERO);
        let stay = |query: &OrderQuery| {
            let up_to = last_id_at(now());
            let first = indexes.index_for(&db, query, up_to);
            Arc::ptr_eq(&first, &indexes.index_for(&db, query, up_to))
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
        assert!(
            stay(&all),
            "the index was dropped by queries for other lists"
        );
    }
}
