//! The changes since a cursor: those that are committed now and were not when the cursor
//! was read. A change that commits late is not skipped, and a committed change does not
//! wait until an older transaction ends.

use std::collections::HashMap;

use sea_orm::DbErr;
use uuid::Uuid;

use super::Feed;
use super::cursor::{Cursor, PageProgress, Snapshot};
use crate::db::Db;
use crate::http::error::{Error, Result};
use crate::http::paging;

/// A page of the changes since a cursor.
#[derive(Debug, Clone)]
pub struct Changes<T> {
    /// The changed items in their current version, each once, in the order of their last
    /// change.
    pub items: Vec<T>,
    /// The cursor for the next request.
    pub cursor: String,
    /// There are more changes, to be read at once.
    pub has_more: bool,
}

/// A cursor that covers everything committed so far.
pub async fn cursor_now<F: Feed>(db: &Db) -> std::result::Result<String, DbErr> {
    Ok(Cursor::after(F::EVENTS.snapshot(db).await?).encode())
}

/// Up to `limit` changes since a cursor. Without one the answer has no items, but a cursor
/// to start from.
///
/// # Errors
///
/// [`Error::BadQuery`] if `since` is not a cursor of this database.
pub async fn changes<F: Feed>(
    db: &Db,
    since: Option<&str>,
    limit: u64,
) -> Result<Changes<F::Item>> {
    let Some(since) = since else {
        return Ok(Changes {
            items: Vec::new(),
            cursor: cursor_now::<F>(db).await?,
            has_more: false,
        });
    };
    let foreign = || Error::BadQuery("since is not a cursor of this database; start anew".into());
    let since = Cursor::decode(since).ok_or_else(foreign)?;
    // Taken before reading, so that changes committed meanwhile are sent twice and not
    // skipped.
    let now = F::EVENTS.snapshot(db).await?;
    // The cursor is ahead of the database, which was restored from a dump since then.
    if since.covered.xmax > now.xmax {
        return Err(foreign());
    }
    Ok(page::<F>(db, since, now, limit).await?)
}

async fn page<F: Feed>(
    db: &Db,
    since: Cursor,
    now: Snapshot,
    limit: u64,
) -> std::result::Result<Changes<F::Item>, DbErr> {
    let mut events = F::EVENTS.since(db, &since, limit + 1).await?;
    let is_full = paging::cut(&mut events, limit);
    let had_pages = since.page.is_some();
    let until = since.page.map_or(now, |page| page.until);
    let cursor = match events.last() {
        Some((last, _)) if is_full => Cursor {
            covered: since.covered,
            page: Some(PageProgress { until, last: *last }),
        },
        _ => Cursor::after(until),
    };
    Ok(Changes {
        items: items::<F>(db, events.iter().map(|(_, subject)| *subject)).await?,
        cursor: cursor.encode(),
        // A change committed between two pages may belong before the second. So after
        // several pages the client reads once more, until one page is enough.
        has_more: is_full || had_pages,
    })
}

/// The current items, each once, in the order of their last change.
async fn items<F: Feed>(
    db: &Db,
    ids: impl Iterator<Item = Uuid>,
) -> std::result::Result<Vec<F::Item>, DbErr> {
    let mut last_change: HashMap<Uuid, usize> = HashMap::new();
    for (index, id) in ids.enumerate() {
        last_change.insert(id, index);
    }
    let mut items = F::load(db, last_change.keys().copied().collect()).await?;
    items.sort_by_key(|item| last_change.get(&F::id(item)).copied());
    Ok(items)
}
