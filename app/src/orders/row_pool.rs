//! Row recycling: the pool of table rows. A row that leaves the view is reused for an
//! order that comes into view: creating a row costs the browser many times as much as
//! changing its texts.

use std::collections::HashMap;

use super::row_state::Row;
use super::store::{OrderStore, Slot};
use crate::reactive::{ArcRwSignal, RwSignal, StoredValue};

/// A position in the list, and what is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placement {
    /// Position in the list, counted from 0.
    pub position: usize,
    /// What is there.
    pub slot: Slot,
}

/// A table row that shows one order after another.
#[derive(Debug, Clone)]
pub struct PooledRow {
    /// Identifies the table row, whatever it shows.
    pub key: usize,
    /// Its position in the list.
    pub position: ArcRwSignal<usize>,
    /// The order it shows; `None` while that order is loading.
    pub row: ArcRwSignal<Option<Row>>,
    placement: Placement,
}

/// The table rows; cheap to copy.
#[derive(Debug, Clone, Copy)]
pub struct RowPool {
    /// The rows in the order of their creation. Notifies only when their number changes.
    pub rows: RwSignal<Vec<PooledRow>>,
    store: OrderStore,
    next_key: StoredValue<usize>,
}

impl RowPool {
    /// Rows for what is drawn first.
    pub fn new(store: OrderStore, placements: &[Placement]) -> Self {
        let pool = Self {
            rows: RwSignal::default(),
            store,
            next_key: StoredValue::default(),
        };
        pool.show(placements);
        pool
    }

    /// Shows another part of the list. What stays in view keeps its row; only what
    /// is new to the view gets a row that became free.
    pub fn show(&self, placements: &[Placement]) {
        let mut rows = self.rows.get_untracked();
        let made = rows.len();
        let mut next_key = self.next_key.get_value();
        let before: Vec<Placement> = rows.iter().map(|row| row.placement).collect();
        let mut is_used = vec![false; made.max(placements.len())];
        for (placement, row) in placements.iter().zip(assign(&before, placements)) {
            if let Some(is_used) = is_used.get_mut(row) {
                *is_used = true;
            }
            if let Some(row) = rows.get_mut(row) {
                row.show(*placement, self.store);
            } else {
                rows.push(PooledRow::new(next_key, *placement, self.store));
                next_key += 1;
            }
        }
        let has_free = is_used.contains(&false);
        if has_free {
            let mut is_used = is_used.into_iter();
            rows.retain(|_| is_used.next() == Some(true));
        }
        if has_free || rows.len() > made {
            self.rows.set(rows);
        } else {
            self.rows.try_update_untracked(|known| *known = rows);
        }
        self.next_key.set_value(next_key);
    }
}

impl PooledRow {
    fn new(key: usize, placement: Placement, store: OrderStore) -> Self {
        Self {
            key,
            position: ArcRwSignal::new(placement.position),
            row: ArcRwSignal::new(row_of(placement.slot, store)),
            placement,
        }
    }

    fn show(&mut self, placement: Placement, store: OrderStore) {
        if self.placement.position != placement.position {
            self.position.set(placement.position);
        }
        if self.placement.slot != placement.slot {
            self.row.set(row_of(placement.slot, store));
        }
        self.placement = placement;
    }
}

fn row_of(slot: Slot, store: OrderStore) -> Option<Row> {
    match slot {
        Slot::Order(id) => store.row(id),
        Slot::Gap(_) => None,
    }
}

/// The index of the table row for each placement: the row that shows it already,
/// else a free row at the same position, else any free row, else a new one.
fn assign(current: &[Placement], placements: &[Placement]) -> Vec<usize> {
    let mut free: HashMap<Slot, usize> = HashMap::with_capacity(current.len());
    free.extend(current.iter().enumerate().map(|(row, at)| (at.slot, row)));
    let mut rows: Vec<Option<usize>> = placements.iter().map(|at| free.remove(&at.slot)).collect();

    let free = free.into_values();
    let mut free: HashMap<usize, usize> = free.map(|row| (current[row].position, row)).collect();
    for (placement, row) in placements.iter().zip(&mut rows) {
        *row = row.or_else(|| free.remove(&placement.position));
    }

    let mut free: Vec<usize> = free.into_values().collect();
    free.sort_unstable();
    let mut free = free.into_iter().chain(current.len()..);
    let rows = rows.into_iter();
    rows.filter_map(|row| row.or_else(|| free.next())).collect()
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use uuid::Uuid;

    use super::*;

    /// Orders with these numbers as ids, at consecutive positions.
    fn orders(from: usize, numbers: impl IntoIterator<Item = u128>) -> Vec<Placement> {
        let slots = numbers
            .into_iter()
            .map(|id| Slot::Order(Uuid::from_u128(id)));
        let placements = slots.enumerate();
        let placement = |(index, slot)| Placement {
            position: from + index,
            slot,
        };
        placements.map(placement).collect()
    }

    fn gaps(positions: Range<usize>) -> Vec<Placement> {
        let placement = |position| Placement {
            position,
            slot: Slot::Gap(position),
        };
        positions.map(placement).collect()
    }

    #[test]
    fn what_stays_in_view_keeps_its_row_and_what_is_new_gets_a_free_one() {
        let rows = assign(&orders(0, [10, 11, 12]), &orders(1, [11, 12, 13]));
        assert_eq!(rows, [1, 2, 0]);
    }

    #[test]
    fn an_inserted_order_leaves_the_rows_of_the_others_alone() {
        let rows = assign(&orders(0, [10, 11, 12]), &orders(0, [10, 99, 11]));
        assert_eq!(rows, [0, 2, 1]);
    }

    #[test]
    fn an_order_that_finished_loading_is_shown_in_the_row_of_its_gap() {
        let mut current = gaps(0..4);
        current.rotate_left(2);
        assert_eq!(assign(&current, &orders(0, [10, 11, 12, 13])), [2, 3, 0, 1]);
    }

    #[test]
    fn a_longer_view_gets_more_rows_and_a_shorter_one_frees_some() {
        assert_eq!(assign(&[], &gaps(0..3)), [0, 1, 2]);
        assert_eq!(assign(&gaps(0..2), &gaps(0..4)), [0, 1, 2, 3]);
        assert_eq!(assign(&gaps(0..4), &gaps(2..4)), [2, 3]);
    }
}
