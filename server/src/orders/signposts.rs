//! Signposts into long lists: the key of every five-thousandth row, so that a
//! jump into the middle of a million orders counts a few thousand rows instead
//! of half a million.
//!
//! Signposts are walked to when first needed and forgotten after a minute.
//! Orders stored since then are counted in; a list that was otherwise
//! reordered meanwhile is off by as much as it moved, but equally for all of
//! its pages, so that neighbouring pages still fit together.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use domain::api::{OrderQuery, OrderSort};
use domain::order::OrderState;
use sea_orm::{ColumnTrait, Condition, DbErr, EntityTrait, PaginatorTrait, QueryFilter};
use tokio::sync::Mutex;
use tokio::time::Instant;
use uuid::Uuid;

use super::cursor::PageCursor;
use super::rows::rows_from;
use super::way::{Way, filter};
use crate::db::Db;
use crate::db::entities::order::{Column, Entity};

/// Rows from one signpost to the next.
const STEP: u64 = 5_000;

/// How long signposts are used.
const LIFETIME: Duration = Duration::from_mins(1);

/// Lists with signposts at a time; the oldest are forgotten first.
const MAX_LISTS: usize = 32;

/// Signposts of every list jumped into lately; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Signposts(Arc<std::sync::Mutex<HashMap<String, Entry>>>);

#[derive(Clone, Debug)]
struct Entry {
    since: Instant,
    posts: Arc<Mutex<Posts>>,
}

/// The signposts of one list.
#[derive(Debug)]
struct Posts {
    /// The snapshot they were set in.
    up_to: Uuid,
    /// The last row before each multiple of [`STEP`].
    rows: Vec<PageCursor>,
    /// The list ends before the next one.
    complete: bool,
}

impl Signposts {
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
        if offset < STEP {
            return rows_from(db, query, way, None, offset, limit).await;
        }
        let posts = self.of(query, up_to);
        let mut posts = posts.lock().await;
        let newer = newer(db, query, posts.up_to, up_to).await?;
        let offset = offset.saturating_sub(newer);
        let wanted = usize::try_from(offset / STEP).unwrap_or(usize::MAX);
        posts.walk_to(db, query, wanted).await?;
        let nearest = wanted.min(posts.rows.len());
        let after = nearest
            .checked_sub(1)
            .and_then(|index| posts.rows.get(index).cloned());
        drop(posts);
        let rest = offset - nearest as u64 * STEP;
        rows_from(db, query, way, after, rest, limit).await
    }

    /// Sets all signposts of a list, ahead of the first jump into it.
    pub async fn prepare(&self, db: &Db, query: &OrderQuery, up_to: Uuid) -> Result<(), DbErr> {
        let posts = self.of(query, up_to);
        let mut posts = posts.lock().await;
        posts.walk_to(db, query, usize::MAX).await
    }

    fn of(&self, query: &OrderQuery, up_to: Uuid) -> Arc<Mutex<Posts>> {
        let list = OrderQuery {
            limit: None,
            cursor: None,
            offset: None,
            up_to: None,
            ..query.clone()
        };
        let mut lists = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lists.retain(|_, entry| entry.since.elapsed() < LIFETIME);
        if lists.len() >= MAX_LISTS {
            let oldest = lists.iter().min_by_key(|(_, entry)| entry.since);
            let oldest = oldest.map(|(list, _)| list.clone());
            oldest.and_then(|list| lists.remove(&list));
        }
        let entry = lists
            .entry(list.to_query_string())
            .or_insert_with(|| Entry {
                since: Instant::now(),
                posts: Arc::new(Mutex::new(Posts {
                    up_to,
                    rows: Vec::new(),
                    complete: false,
                })),
            });
        Arc::clone(&entry.posts)
    }
}

impl Posts {
    /// Sets signposts up to the `wanted`th. Each step is short, so that nobody
    /// else waits for long.
    async fn walk_to(&mut self, db: &Db, query: &OrderQuery, wanted: usize) -> Result<(), DbErr> {
        let snapshot = OrderQuery {
            up_to: Some(self.up_to),
            ..query.clone()
        };
        while self.rows.len() < wanted && !self.complete {
            let way = Way::through(db, &snapshot);
            let after = self.rows.last().cloned();
            let next = rows_from(db, &snapshot, way, after, STEP - 1, 1).await?;
            match next.first() {
                Some(row) => self.rows.push(PageCursor::of(row, query.sort)),
                None => self.complete = true,
            }
        }
        Ok(())
    }
}

/// Orders in front of the signposts that were stored after them. Where new
/// orders do not come first, they are few enough to ignore.
async fn newer(db: &Db, query: &OrderQuery, from: Uuid, to: Uuid) -> Result<u64, DbErr> {
    if query.sort != OrderSort::PlacedDescending || to <= from {
        return Ok(0);
    }
    let list = OrderQuery {
        up_to: None,
        ..query.clone()
    };
    let stored = Condition::all()
        .add(filter(db, &list, Way::Read))
        .add(Column::Id.gt(from))
        .add(Column::Id.lte(to));
    Entity::find().filter(stored).count(db.read()).await
}
