//! Signposts into long lists: the key of every five-thousandth row, so that a
//! jump into the middle of a million orders counts a few thousand rows instead
//! of half a million.
//!
//! Signposts are walked to when first needed, and set anew after a minute.
//! Orders stored since then are counted in; a list that was otherwise
//! reordered meanwhile is off by as much as it moved, but equally for all of
//! its pages, so that neighbouring pages still fit together.

mod posts;

use std::collections::HashMap;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;

use domain::orders::order::OrderState;
use domain::wire::{OrderQuery, OrderSort, last_id_at};
use sea_orm::DbErr;
use tokio::sync::Mutex;
use tokio::time::Instant;
use tracing::debug;
use uuid::Uuid;

use self::posts::Posts;
use super::rows::rows_from;
use super::way::Way;
use crate::db::{Db, now};

/// How long signposts are used as they are.
const LIFETIME: Duration = Duration::from_mins(1);

/// Pause before each signpost that is set anew: there is no hurry, and whoever
/// jumps wants the processors.
const PAUSE: Duration = Duration::from_millis(20);

/// Lists with signposts at a time; the oldest are forgotten first.
const MAX_LISTS: usize = 32;

/// Signposts of every list jumped into lately; cheap to clone.
#[derive(Clone, Debug)]
pub struct Signposts {
    lifetime: Duration,
    lists: Arc<std::sync::Mutex<HashMap<String, Entry>>>,
}

#[derive(Debug)]
struct Entry {
    since: Instant,
    posts: Arc<Mutex<Posts>>,
    /// Once old, they are used until new ones are set.
    lasts: bool,
    /// Which somebody is about to do.
    renewed: bool,
}

impl Default for Signposts {
    fn default() -> Self {
        Self::lasting(LIFETIME)
    }
}

impl Signposts {
    /// Signposts that are old after this long.
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
        let way = Way::through(db, query);
        if offset < posts::STEP {
            return rows_from(db, query, way, None, offset, limit).await;
        }
        let posts = self.of(db, query, up_to);
        let start = posts.lock().await.start(db, query, up_to, offset).await?;
        rows_from(db, query, way, start.after, start.skip, limit).await
    }

    /// Sets all signposts of a list, ahead of the first jump into it. Who jumps
    /// meanwhile waits for one step, not for all of them.
    pub async fn prepare(&self, db: &Db, query: &OrderQuery, up_to: Uuid) -> Result<(), DbErr> {
        let posts = self.of(db, query, up_to);
        while posts.lock().await.step(db, query).await? {}
        Ok(())
    }

    fn of(&self, db: &Db, query: &OrderQuery, up_to: Uuid) -> Arc<Mutex<Posts>> {
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
            .or_insert_with(|| entry(&list, Posts::new(up_to)));
        if is_old(entry) && !entry.renewed {
            entry.renewed = true;
            tokio::spawn(self.clone().renew(db.clone(), list));
        }
        Arc::clone(&entry.posts)
    }

    /// Sets the signposts of a list anew, while the old ones are still in use.
    async fn renew(self, db: Db, list: OrderQuery) {
        let mut posts = Posts::new(last_id_at(now()));
        let walked = loop {
            tokio::time::sleep(PAUSE).await;
            match posts.step(&db, &list).await {
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
            Ok(()) => *old = entry(&list, posts),
            Err(error) => {
                debug!(%error, "old signposts stay");
                old.renewed = false;
            }
        }
    }

    fn lists(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        self.lists.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn entry(list: &OrderQuery, posts: Posts) -> Entry {
    Entry {
        since: Instant::now(),
        posts: Arc::new(Mutex::new(posts)),
        lasts: is_all_by_time(list),
        renewed: false,
    }
}

/// The list of all orders by the time they were placed. None changes its place
/// there, or leaves: old signposts are as good as new ones, only further away.
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
    async fn old_signposts_of_all_orders_stay_in_use_and_others_are_set_anew_at_once() {
        let db = Db::open("sqlite::memory:", 1).await.unwrap();
        let signposts = Signposts::lasting(Duration::ZERO);
        let stay = |query: &OrderQuery| {
            let up_to = last_id_at(now());
            let first = signposts.of(&db, query, up_to);
            Arc::ptr_eq(&first, &signposts.of(&db, query, up_to))
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
