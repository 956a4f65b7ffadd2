//! The rows on the screen: one signal an order, so that a change touches one
//! row and nothing else.

use std::collections::{HashMap, HashSet};

use domain::api::{Order, OrderPage, OrderQuery};
use domain::status::OrderStatus;
use leptos::prelude::*;
use uuid::Uuid;

use super::merge::{MAX_ROWS, SortKey, is_news, place, sort_key};

/// One order on the screen; freed with the last view of it.
#[derive(Debug, Clone)]
pub struct Row {
    /// The order, as last heard.
    pub order: ArcRwSignal<Order>,
    /// Grows with every live change: makes the row flash.
    pub changes: ArcRwSignal<u32>,
}

/// The list of orders; cheap to copy.
#[derive(Debug, Clone, Copy)]
pub struct OrderStore {
    /// Rows shown, newest first.
    pub keys: RwSignal<Vec<SortKey>>,
    /// Only this status; `None` shows all.
    pub filter: RwSignal<Option<OrderStatus>>,
    /// Orders matching the filter, as last counted.
    pub total: RwSignal<u64>,
    /// There are older orders to load.
    pub has_more: RwSignal<bool>,
    next_cursor: StoredValue<Option<String>>,
    rows: StoredValue<HashMap<Uuid, Row>>,
    /// The order being edited: it stays up to date even when it is not shown.
    pub editing: RwSignal<Option<Uuid>>,
}

impl OrderStore {
    /// A store holding a first page.
    pub fn new(page: OrderPage) -> Self {
        let store = Self {
            keys: RwSignal::default(),
            filter: RwSignal::new(None),
            total: RwSignal::new(0),
            has_more: RwSignal::new(false),
            next_cursor: StoredValue::default(),
            rows: StoredValue::default(),
            editing: RwSignal::new(None),
        };
        store.replace(page);
        store
    }

    /// The row of an order, if it is shown.
    pub fn row(&self, id: Uuid) -> Option<Row> {
        self.rows.with_value(|rows| rows.get(&id).cloned())
    }

    /// The query for the page after what is shown; from the start when rows
    /// fell off the end.
    pub fn next_query(&self) -> OrderQuery {
        OrderQuery {
            cursor: self.next_cursor.get_value(),
            ..self.query()
        }
    }

    /// The query for the first page under the current filter.
    pub fn query(&self) -> OrderQuery {
        OrderQuery {
            status: self.filter.get_untracked().into_iter().collect(),
            ..OrderQuery::default()
        }
    }

    /// Shows a page and nothing else.
    pub fn replace(&self, page: OrderPage) {
        self.keys.write_untracked().clear();
        self.append(page);
    }

    /// Shows a page after what is shown. Where a row is newer than the page,
    /// the row stays.
    pub fn append(&self, page: OrderPage) {
        let mut keys = self.keys.get_untracked();
        for order in page.data {
            let key = sort_key(&order);
            if let Err(index) = keys.binary_search_by(|known| key.cmp(known)) {
                keys.insert(index, key);
            }
            self.upsert(order);
        }
        self.next_cursor.set_value(page.next_cursor);
        self.has_more.set(page.has_more);
        self.total.set(page.total);
        self.keys.set(keys);
        self.forget_unshown();
    }

    /// Applies live changes: patches known rows, inserts new orders, and drops
    /// rows that left the filter.
    pub fn apply(&self, orders: Vec<Order>) {
        let filter = self.filter.get_untracked();
        let mut keys = self.keys.get_untracked();
        let before = keys.len();
        let mut moved = false;
        for order in orders {
            let key = sort_key(&order);
            let shown = keys.iter().position(|(_, id)| *id == order.id);
            let fits = filter.is_none_or(|status| status == order.status);
            match (shown, fits) {
                (Some(index), true) if keys[index] == key => {}
                (Some(index), true) => {
                    keys.remove(index);
                    keys.insert(keys.partition_point(|row| *row > key), key);
                    moved = true;
                }
                (Some(index), false) => {
                    keys.remove(index);
                    moved = true;
                }
                (None, true) => {
                    let Some(index) = place(&keys, key, self.has_more.get_untracked()) else {
                        continue;
                    };
                    keys.insert(index, key);
                    moved = true;
                }
                (None, false) => {}
            }
            if fits || self.row(order.id).is_some() {
                self.upsert(order);
            }
        }
        if keys.len() > MAX_ROWS {
            keys.truncate(MAX_ROWS);
            // The next page now starts somewhere the server never named.
            self.next_cursor.set_value(None);
            self.has_more.set(true);
        }
        if moved {
            let delta = i64::try_from(keys.len()).unwrap_or(0) - i64::try_from(before).unwrap_or(0);
            self.total
                .update(|total| *total = total.saturating_add_signed(delta));
            self.keys.set(keys);
            self.forget_unshown();
        }
    }

    /// Patches a row in place if `order` is news, or makes one.
    fn upsert(&self, order: Order) {
        if let Some(row) = self.row(order.id) {
            if is_news(
                row.order.with_untracked(|shown| shown.version),
                order.version,
            ) {
                row.order.set(order);
                row.changes.update(|changes| *changes += 1);
            }
            return;
        }
        let row = Row {
            order: ArcRwSignal::new(order.clone()),
            changes: ArcRwSignal::new(0),
        };
        self.rows.update_value(|rows| {
            rows.insert(order.id, row);
        });
    }

    fn forget_unshown(&self) {
        let mut wanted: HashSet<Uuid> = self
            .keys
            .with_untracked(|keys| keys.iter().map(|(_, id)| *id).collect());
        wanted.extend(self.editing.get_untracked());
        self.rows
            .update_value(|rows| rows.retain(|id, _| wanted.contains(id)));
    }
}
