//! Whether somebody is at work in the table: nothing may move under their eyes
//! or their pointer.

use chrono::{DateTime, TimeDelta, Utc};

use super::scroll::Scroll;
use super::store::OrderStore;
use crate::api;
use crate::shared::{RwSignal, StoredValue};

/// A hand that rested this long has let go.
const REST: TimeDelta = TimeDelta::seconds(5);

/// Who is at work; cheap to copy.
#[derive(Clone, Copy)]
pub struct Hands {
    store: OrderStore,
    scroll: RwSignal<Scroll>,
    moved_at: StoredValue<Option<DateTime<Utc>>>,
}

impl Hands {
    /// Nobody yet.
    pub fn new(store: OrderStore, scroll: RwSignal<Scroll>) -> Self {
        Self {
            store,
            scroll,
            moved_at: StoredValue::new(None),
        }
    }

    /// The pointer moved over the table, or a key was pressed in it.
    pub fn moved(&self) {
        self.moved_at.set_value(Some(api::now()));
    }

    /// The list may change: it shows its top, nobody is at work in it, and no
    /// order is open.
    pub fn are_off(&self) -> bool {
        let rest = |moved: DateTime<Utc>| api::now() - moved > REST;
        self.scroll.with_untracked(Scroll::is_at_top)
            && self.moved_at.get_value().is_none_or(rest)
            && self.store.editing.get_untracked().is_none()
    }
}
