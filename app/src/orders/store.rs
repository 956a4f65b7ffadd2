//! The list of orders on the screen and its live cache: one signal an order, so
//! that a change touches one row and nothing else.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use domain::wire::presence::Presence;
use domain::wire::{Order, OrderPage, OrderQuery};
use uuid::Uuid;

use super::cells::Cells;
use super::concurrent_changes::ConcurrentChanges;
use super::row_state::Row;
use super::sort_key::{SortKey, is_kept_in_order};
use super::view::View;
use super::window::{SortedPosition, Window};
use crate::api;
use crate::reactive::{RwSignal, StoredValue};

/// New orders counted at most.
const MAX_NEW_ORDERS: usize = 10_000;

/// What a position of the list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Slot {
    /// An order.
    Order(Uuid),
    /// A row that is not loaded yet.
    Gap(usize),
}

/// The list of orders; cheap to copy.
#[derive(Debug, Clone, Copy)]
pub struct OrderStore {
    /// Which list this is.
    pub view: RwSignal<View>,
    /// The loaded part of it.
    pub window: RwSignal<Window>,
    /// The total is a lower bound: more rows may turn up at the end.
    pub is_estimate: RwSignal<bool>,
    /// Orders that belong in the list but are not inserted while a person reads it.
    pub new_orders: RwSignal<HashSet<Uuid>>,
    /// Some shown rows do not belong in the list any more.
    pub has_left: RwSignal<bool>,
    /// The order being edited: it stays up to date even when it is not shown.
    pub editing: RwSignal<Option<Uuid>>,
    /// The list is a snapshot: orders first stored after this id are new to it.
    up_to: StoredValue<Uuid>,
    /// Grows with every list that is requested: answers about an earlier one are
    /// dropped.
    generation: StoredValue<u64>,
    /// Grows whenever rows move to other positions: answers about earlier positions
    /// are dropped.
    edition: StoredValue<u64>,
    concurrent: StoredValue<ConcurrentChanges>,
    rows: StoredValue<HashMap<Uuid, Row>>,
}

impl OrderStore {
    /// A store holding the first page of a list.
    pub fn new(view: View, page: OrderPage) -> Self {
        let store = Self {
            view: RwSignal::new(view),
            window: RwSignal::default(),
            is_estimate: RwSignal::new(false),
            new_orders: RwSignal::default(),
            has_left: RwSignal::new(false),
            editing: RwSignal::new(None),
            up_to: StoredValue::new(Uuid::nil()),
            generation: StoredValue::new(0),
            edition: StoredValue::new(0),
            concurrent: StoredValue::default(),
            rows: StoredValue::default(),
        };
        store.show(page);
        store
    }

    /// The row of an order, if it is known.
    pub fn row(&self, id: Uuid) -> Option<Row> {
        self.rows.with_value(|rows| rows.get(&id).cloned())
    }

    /// What the positions of a range show.
    pub fn slots(&self, range: Range<usize>) -> Vec<Slot> {
        self.window.with(|window| {
            range
                .filter(|position| *position < window.total())
                .map(|position| {
                    window
                        .get(position)
                        .map_or(Slot::Gap(position), Slot::Order)
                })
                .collect()
        })
    }

    /// The query for some rows of the list as it is shown.
    pub fn query(&self, range: &Range<usize>) -> OrderQuery {
        OrderQuery {
            offset: Some(range.start as u64),
            limit: Some(range.len() as u64),
            up_to: Some(self.up_to.get_value()),
            ..self.view.with_untracked(View::query)
        }
    }

    /// The edition of positions that an answer about rows must match.
    pub fn edition(&self) -> u64 {
        self.edition.get_value()
    }

    /// Starts the request of another list; returns its generation.
    pub fn begin(&self) -> u64 {
        self.concurrent.update_value(ConcurrentChanges::begin);
        self.generation.update_value(|generation| *generation += 1);
        self.generation.get_value()
    }

    /// Whether this is the list that was requested last.
    pub fn is_current(&self, generation: u64) -> bool {
        self.generation.get_value() == generation
    }

    /// The request of the last list failed.
    pub fn give_up(&self) {
        self.concurrent.update_value(|concurrent| {
            concurrent.end();
        });
    }

    /// Shows the first page of a list and nothing else, brought up to date by the
    /// changes that arrived since it was requested.
    pub fn show(&self, page: OrderPage) {
        let sort = self.view.with_untracked(|view| view.sort);
        let keys = page.data.iter().map(|order| SortKey::of(order, sort));
        let total = to_length(page.total);
        let total = if page.has_more {
            total
        } else {
            page.data.len()
        };
        let window = Window::new(total, sort.is_descending(), keys.collect(), api::now());
        self.is_estimate.set(page.total_is_estimate);
        self.up_to.set_value(page.up_to);
        for order in page.data {
            self.upsert(order).left.set(false);
        }
        self.window.set(window);
        self.new_orders.update(HashSet::clear);
        self.has_left.set(false);
        self.rows_moved();
        self.forget();
        let concurrent = self.concurrent.try_update_value(ConcurrentChanges::end);
        // The whole list is replaced, so rows may move.
        self.apply(concurrent.unwrap_or_default(), true);
    }

    /// Stores the rows from `start` on. A row that is newer than the page stays.
    pub fn learn(&self, start: usize, page: OrderPage, shown: &Range<usize>) {
        let sort = self.view.with_untracked(|view| view.sort);
        let keys: Vec<_> = page
            .data
            .iter()
            .map(|order| SortKey::of(order, sort))
            .collect();
        for order in page.data {
            self.upsert(order);
        }
        let end = start + keys.len();
        self.window.update(|window| {
            window.put(start, keys, api::now());
            if !page.has_more {
                window.set_total(end);
            } else if window.total() <= end {
                // It was an estimate, and there is more.
                window.set_total(end + 1);
            }
            window.tidy(shown, api::now());
        });
        self.forget();
    }

    /// Applies live changes. Loaded rows are patched in place. Rows enter, leave and
    /// move at once if `may_move`; otherwise the change is held back and announced, so
    /// that nothing moves under the eyes or the pointer.
    pub fn apply(&self, orders: Vec<Order>, may_move: bool) {
        self.concurrent
            .update_value(|concurrent| concurrent.record(&orders));
        let mut window = None;
        for order in orders {
            let id = order.id;
            let fits = self.view.with_untracked(|view| view.holds(&order));
            let sort = self.view.with_untracked(|view| view.sort);
            let key = SortKey::of(&order, sort);
            let known = self.row(id);
            if let Some(row) = &known {
                if row.is_newer_than(&order) {
                    continue;
                }
                row.patch(order.clone());
            }
            let sorted = self
                .window
                .with_untracked(|window| window.sorted_position(&key));
            let position = known
                .is_some()
                .then(|| self.window.with_untracked(|window| window.position(id)))
                .flatten();
            let is_misplaced = match (position, fits) {
                // At its position already, unless it moved.
                (Some(position), true) => !is_at(sorted, position),
                (Some(_), false) => true,
                // Stored after this list was read, or new to a loaded part.
                (None, true) => id > self.up_to.get_value() || sorted != SortedPosition::Unknown,
                (None, false) => false,
            };
            if !is_misplaced {
                continue;
            }
            if !may_move || !is_kept_in_order(sort) {
                self.hold_back(id, fits);
                continue;
            }
            let window = window.get_or_insert_with(|| self.window.get_untracked());
            window.remove(id);
            if fits {
                let sorted = window.insert(key);
                self.up_to.update_value(|up_to| *up_to = (*up_to).max(id));
                if known.is_none() && sorted != SortedPosition::Unknown {
                    self.upsert(order).flash(Cells::NEW);
                }
            }
        }
        if let Some(window) = window {
            self.window.set(window);
            self.rows_moved();
            self.forget();
        }
    }

    /// Shows an edit in its row before it is saved; `None` takes it back.
    pub fn show_saving(&self, id: Uuid, edit: Option<domain::orders::edit::OrderEdit>) {
        if let Some(row) = self.row(id) {
            row.saving.set(edit);
        }
    }

    /// Shows the other people who have an order open. `me` is the id of this client.
    pub fn show_people(&self, presence: Presence, me: Option<&str>) {
        if let Some(row) = self.row(presence.order) {
            let people = presence.people.into_iter();
            let others = people.filter(|person| Some(person.id.as_str()) != me);
            row.people.set(others.collect());
        }
    }

    /// Clears the people of all orders that are not watched: the server sends no
    /// presence for those.
    pub fn forget_people(&self, watched: &[Uuid]) {
        self.rows.with_value(|rows| {
            for (id, row) in rows {
                if !watched.contains(id) && row.people.with_untracked(|people| !people.is_empty()) {
                    row.people.set(Vec::new());
                }
            }
        });
    }

    /// Drops rows that have not been shown for a long time.
    pub fn tidy(&self, shown: &Range<usize>) {
        let mut window = self.window.get_untracked();
        if window.tidy(shown, api::now()) {
            self.window.set(window);
            self.forget();
        }
    }

    fn rows_moved(&self) {
        self.edition.update_value(|edition| *edition += 1);
    }

    fn hold_back(&self, id: Uuid, fits: bool) {
        if fits {
            self.new_orders.update(|orders| {
                if orders.len() < MAX_NEW_ORDERS {
                    orders.insert(id);
                }
            });
        } else {
            self.new_orders.update(|orders| {
                orders.remove(&id);
            });
        }
        let in_list = self.window.with_untracked(|window| window.position(id));
        if let Some(row) = self.row(id)
            && in_list.is_some()
        {
            row.left.set(!fits);
            if !fits {
                self.has_left.set(true);
            }
        }
    }

    fn upsert(&self, order: Order) -> Row {
        if let Some(row) = self.row(order.id) {
            row.patch(order);
            return row;
        }
        let id = order.id;
        let row = Row::new(order);
        self.rows.update_value(|rows| {
            rows.insert(id, row.clone());
        });
        row
    }

    /// Frees the rows that are in no loaded part of the list.
    fn forget(&self) {
        let mut wanted: HashSet<Uuid> = self.window.with_untracked(|window| window.ids().collect());
        wanted.extend(self.editing.get_untracked());
        self.rows
            .update_value(|rows| rows.retain(|id, _| wanted.contains(id)));
    }
}

/// A row at `position` that belongs at `sorted` does not move: it is there, or it
/// would be inserted right behind itself.
fn is_at(sorted: SortedPosition, position: usize) -> bool {
    matches!(sorted, SortedPosition::Known(at) if at == position || at == position + 1)
}

fn to_length(total: u64) -> usize {
    usize::try_from(total).unwrap_or(usize::MAX)
}
