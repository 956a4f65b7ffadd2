//! The offset index of one list: the keys of every [`STEP`]-th row, from which a jump
//! starts reading.

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

/// The number of rows from one key to the next.
pub(super) const STEP: u64 = 5_000;

/// The offset index of one list.
#[derive(Debug)]
pub(super) struct OffsetIndex {
    /// The snapshot of the list in which it was built.
    up_to: Uuid,
    /// The last row before each multiple of [`STEP`].
    rows: Vec<PageCursor>,
    /// The list ends before the next multiple.
    complete: bool,
}

/// Where to start reading.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Start {
    /// After this row.
    pub after: Option<PageCursor>,
    /// The number of rows to skip from there.
    pub skip: u64,
}

impl OffsetIndex {
    /// An empty index.
    pub(super) fn new(up_to: Uuid) -> Self {
        Self {
            up_to,
            rows: Vec::new(),
            complete: false,
        }
    }

    /// Where to start reading the list `query`, in the snapshot `up_to`, to get its rows
    /// from `offset` on. Extends the index as far as necessary.
    pub(super) async fn start(
        &mut self,
        db: &Db,
        query: &OrderQuery,
        up_to: Uuid,
        offset: u64,
    ) -> Result<Start, DbErr> {
        let between = stored_between(db, query, self.up_to, up_to).await?;
        let own_offset = match up_to.cmp(&self.up_to) {
            Ordering::Greater => offset.saturating_sub(between),
            Ordering::Equal => offset,
            Ordering::Less => offset + between,
        };
        let wanted = usize::try_from(own_offset / STEP).unwrap_or(usize::MAX);
        while self.rows.len() < wanted && self.step(db, query).await? {}
        let nearest = wanted.min(self.rows.len());
        let after = nearest
            .checked_sub(1)
            .and_then(|index| self.rows.get(index).cloned());
        let skip = match &after {
            // Counted from the beginning of the snapshot that was asked for.
            None => offset,
            Some(_) => own_offset - nearest as u64 * STEP,
        };
        Ok(Start { after, skip })
    }

    /// Adds the next key; `false` when the list has no further rows. A step is short, so
    /// that no other request waits for long.
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

/// The number of orders that are in one of two snapshots of a list but not in the other,
/// if new orders are at the beginning of the list. In other sorts they are spread over the
/// list and few enough to ignore, so the result is 0.
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
