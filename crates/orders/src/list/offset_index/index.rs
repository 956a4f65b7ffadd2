//! The offset index of one list: the keys of some of its rows.

use std::cmp::Ordering;

use domain::orders::order::OrderState;
use domain::wire::{OrderQuery, OrderSort};
use platform::db::Db;
use sea_orm::{ColumnTrait, Condition, DbErr, EntityTrait, PaginatorTrait, QueryFilter};
use uuid::Uuid;

use crate::entities::order::{Column, Entity};
use crate::list::access_path::{AccessPath, filter};
use crate::list::cursor::PageCursor;
use crate::list::rows::rows_from;

/// Rows from one key to the next.
pub(super) const STEP: u64 = 5_000;

/// The offset index of one list.
#[derive(Debug)]
pub(super) struct OffsetIndex {
    /// The snapshot that it was built in.
    up_to: Uuid,
    /// The last row before each multiple of [`STEP`].
    rows: Vec<PageCursor>,
    /// The list ends before the next one.
    complete: bool,
}

/// Where to start reading.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Start {
    /// Behind this row.
    pub after: Option<PageCursor>,
    /// And behind so many more.
    pub skip: u64,
}

impl OffsetIndex {
    /// Empty as yet.
    pub(super) fn new(up_to: Uuid) -> Self {
        Self {
            up_to,
            rows: Vec::new(),
            complete: false,
        }
    }

    /// Where to start reading the list `query`, as it was at `up_to`, for its rows
    /// from `offset` on. Extends the index up to there.
    pub(super) async fn start(
        &mut self,
        db: &Db,
        query: &OrderQuery,
        up_to: Uuid,
        offset: u64,
    ) -> Result<Start, DbErr> {
        let between = stored_between(db, query, self.up_to, up_to).await?;
        let here = match up_to.cmp(&self.up_to) {
            Ordering::Greater => offset.saturating_sub(between),
            Ordering::Equal => offset,
            Ordering::Less => offset + between,
        };
        let wanted = usize::try_from(here / STEP).unwrap_or(usize::MAX);
        while self.rows.len() < wanted && self.step(db, query).await? {}
        let nearest = wanted.min(self.rows.len());
        let after = nearest
            .checked_sub(1)
            .and_then(|index| self.rows.get(index).cloned());
        let skip = match &after {
            // Counted from the list's own beginning, whatever was stored since.
            None => offset,
            Some(_) => here - nearest as u64 * STEP,
        };
        Ok(Start { after, skip })
    }

    /// Adds the next key. Short, so that no other request waits for long; `false` when
    /// the list has no further rows.
    pub(super) async fn step(&mut self, db: &Db, query: &OrderQuery) -> Result<bool, DbErr> {
        if self.complete {
            return Ok(false);
        }
        let snapshot = OrderQuery {
            up_to: Some(self.up_to),
            ..query.clone()
        };
        let path = AccessPath::for_list(db, &snapshot);
        let after = self.rows.last().cloned();
        let next: Vec<OrderState> = rows_from(db, &snapshot, path, after, STEP - 1, 1).await?;
        match next.first() {
            Some(row) => self.rows.push(PageCursor::of(row, query.sort)),
            None => self.complete = true,
        }
        Ok(!self.complete)
    }
}

/// Orders of the list that one of two snapshots has and the other has not, where
/// they come first. Where new orders do not, they are few enough to ignore.
async fn stored_between(db: &Db, query: &OrderQuery, one: Uuid, other: Uuid) -> Result<u64, DbErr> {
    if query.sort != OrderSort::PlacedDescending || one == other {
        return Ok(0);
    }
    let list = OrderQuery {
        up_to: None,
        ..query.clone()
    };
    let stored = Condition::all()
        .add(filter(db, &list, AccessPath::ScanInOrder))
        .add(Column::Id.gt(one.min(other)))
        .add(Column::Id.lte(one.max(other)));
    Entity::find().filter(stored).count(db.read()).await
}
