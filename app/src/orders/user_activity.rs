//! Whether a person is using the table. While one does, no row may move under the
//! eyes or the pointer.

use chrono::{DateTime, TimeDelta, Utc};

use super::scroll::Scroll;
use super::store::OrderStore;
use crate::api;
use crate::reactive::{RwSignal, StoredValue};

/// The time without pointer movement or keys after which a person counts as idle.
const IDLE_AFTER: TimeDelta = TimeDelta::seconds(5);

/// The activity of the person at this page; cheap to copy.
#[derive(Clone, Copy)]
pub struct UserActivity {
    store: OrderStore,
    scroll: RwSignal<Scroll>,
    last_input_at: StoredValue<Option<DateTime<Utc>>>,
}

impl UserActivity {
    /// No activity yet.
    pub fn new(store: OrderStore, scroll: RwSignal<Scroll>) -> Self {
        Self {
            store,
            scroll,
            last_input_at: StoredValue::new(None),
        }
    }

    /// The pointer moved over the table, or a key was pressed in it.
    pub fn record(&self) {
        self.last_input_at.set_value(Some(api::now()));
    }

    /// Rows may move: the list shows its top, the person is idle, and no order is open.
    pub fn may_move_rows(&self) -> bool {
        let is_idle = |at: DateTime<Utc>| api::now() - at > IDLE_AFTER;
        self.scroll.with_untracked(Scroll::is_at_top)
            && self.last_input_at.get_value().is_none_or(is_idle)
            && self.store.editing.get_untracked().is_none()
    }
}
