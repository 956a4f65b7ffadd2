//! The handle on orders that handlers get.

use std::sync::Arc;

use platform::db::Db;
use platform::live::feed::broadcaster::Publisher;

use crate::edit::queue::EditQueue;
use crate::feed::OrderFeed;
use crate::list::offset_index::OffsetIndexes;
use crate::stats::cache::StatsCache;

/// A handle on orders; cheap to clone.
#[derive(Clone, Debug)]
pub struct Orders(pub(crate) Arc<Shared>);

/// What the handlers work with.
#[derive(Debug)]
pub struct Shared {
    pub(crate) db: Db,
    pub(crate) edits: EditQueue,
    pub(crate) stats: StatsCache,
    pub(crate) offset_indexes: OffsetIndexes,
}

impl Orders {
    /// Starts the task that saves edits.
    pub fn start(db: &Db, publisher: Publisher<OrderFeed>) -> Self {
        Self(Arc::new(Shared {
            db: db.clone(),
            edits: EditQueue::start(db.clone(), publisher),
            stats: StatsCache::default(),
            offset_indexes: OffsetIndexes::default(),
        }))
    }
}
