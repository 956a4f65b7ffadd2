//! Reads the rows of a list, by cursor or by offset.

use std::collections::HashMap;

use domain::orders::order::OrderState;
use domain::wire::OrderQuery;
use platform::db::Db;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::access_path::{AccessPath, list};
use super::cursor::PageCursor;
use crate::entities::order::{Column, Entity};

/// The next `limit` rows after `after`.
pub(super) async fn rows(
    db: &Db,
    query: &OrderQuery,
    path: AccessPath,
    after: Option<PageCursor>,
    limit: u64,
) -> Result<Vec<OrderState>, DbErr> {
    let rows = list(db, query, path, after)
        .limit(limit)
        .all(db.read())
        .await?;
    rows.into_iter().map(OrderState::try_from).collect()
}

/// Skips `offset` rows after `after` and reads the next `limit` rows. Only the index is
/// read for the skipped rows; the rows themselves are then read by id.
pub(super) async fn rows_from(
    db: &Db,
    query: &OrderQuery,
    path: AccessPath,
    after: Option<PageCursor>,
    offset: u64,
    limit: u64,
) -> Result<Vec<OrderState>, DbErr> {
    let ids: Vec<Uuid> = list(db, query, path, after)
        .select_only()
        .column(Column::Id)
        .offset(offset)
        .limit(limit)
        .into_tuple()
        .all(db.read())
        .await?;
    let rows = Entity::find()
        .filter(Column::Id.is_in(ids.iter().copied()))
        .all(db.read())
        .await?;
    let mut rows: HashMap<Uuid, _> = rows.into_iter().map(|row| (row.id, row)).collect();
    ids.iter()
        .filter_map(|id| rows.remove(id))
        .map(OrderState::try_from)
        .collect()
}
