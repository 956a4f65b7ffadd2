//! The changes since a cursor: all that is committed now and was not when the cursor
//! was read. A change that commits late is not skipped, and one that was broadcast
//! before the client came back does not wait until an older transaction ends.

use std::collections::HashMap;

use sea_orm::DbErr;
use uuid::Uuid;

use super::Feed;
use super::cursor::{Cursor, Page, Snapshot};
use crate::db::Db;
use crate::http::error::{Error, Result};
use crate::http::paging;

/// What changed since a cursor.
#[derive(Debug, Clone)]
pub struct Changes<T> {
    /// The things that changed, each once, as they are now, in the order of their last
    /// change.
    pub items: Vec<T>,
    /// Where to read on.
    pub cursor: String,
    /// There is more to read at once.
    pub has_more: bool,
}

/// A cursor after everything that is committed.
pub async fn cursor_now<F: Feed>(db: &Db) -> std::result::Result<String, DbErr> {
    Ok(Cursor::after(F::EVENTS.snapshot(db).await?).encode())
}

/// Up to `limit` changes since a cursor. Without one there is nothing to catch up on:
/// the answer is empty, with a cursor to begin from.
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
    // Before reading: what is committed meanwhile is sent twice, not never.
    let now = F::EVENTS.snapshot(db).await?;
    // Ahead of everything: from before the database was restored elsewhere.
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
    let ends_pages = since.page.is_some();
    let until = since.page.map_or(now, |page| page.until);
    let cursor = match events.last() {
        Some((last, _)) if is_full => Cursor {
            covered: since.covered,
            page: Some(Page { until, last: *last }),
        },
        _ => Cursor::after(until),
    };
    Ok(Changes {
        items: items::<F>(db, events.iter().map(|(_, subject)| *subject)).await?,
        cursor: cursor.encode(),
        // What was committed between two pages may lie before the second: only
        // one page from beginning to end closes a gap.
        has_more: is_full || ends_pages,
    })
}

/// The things as they are now, each once, in the order of their last change.
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
