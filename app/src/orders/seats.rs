//! Which table row shows what. A row that leaves the view is used again for one
//! that comes into it: making a row anew costs the browser many times as much as
//! changing its texts.

use std::collections::HashMap;

use super::row_state::Row;
use super::store::{OrderStore, Slot};
use crate::shared::{ArcRwSignal, RwSignal, StoredValue};

/// A place of the list, and what is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Where in the list it is.
    pub position: usize,
    /// What is there.
    pub slot: Slot,
}

/// A table row, whatever it shows.
#[derive(Debug, Clone)]
pub struct Seat {
    /// Tells it from the others.
    pub key: usize,
    /// Where in the list it is.
    pub position: ArcRwSignal<usize>,
    /// What it shows; nothing while that is not known yet.
    pub row: ArcRwSignal<Option<Row>>,
    place: Place,
}

/// The table rows; cheap to copy.
#[derive(Debug, Clone, Copy)]
pub struct Seats {
    /// Told when there are more or fewer rows; in the order they were made.
    pub rows: RwSignal<Vec<Seat>>,
    store: OrderStore,
    next_key: StoredValue<usize>,
}

impl Seats {
    /// Rows for what is drawn first.
    pub fn new(store: OrderStore, places: &[Place]) -> Self {
        let seats = Self {
            rows: RwSignal::default(),
            store,
            next_key: StoredValue::default(),
        };
        seats.show(places);
        seats
    }

    /// Shows other places of the list. What stays in view keeps its row; only
    /// what is new takes the rows that were given up.
    pub fn show(&self, places: &[Place]) {
        let mut seats = self.rows.get_untracked();
        let made = seats.len();
        let mut next_key = self.next_key.get_value();
        let before: Vec<Place> = seats.iter().map(|seat| seat.place).collect();
        let mut taken = vec![false; made.max(places.len())];
        for (place, seat) in places.iter().zip(allot(&before, places)) {
            if let Some(taken) = taken.get_mut(seat) {
                *taken = true;
            }
            if let Some(seat) = seats.get_mut(seat) {
                seat.show(*place, self.store);
            } else {
                seats.push(Seat::new(next_key, *place, self.store));
                next_key += 1;
            }
        }
        let has_free = taken.contains(&false);
        if has_free {
            let mut taken = taken.into_iter();
            seats.retain(|_| taken.next() == Some(true));
        }
        if has_free || seats.len() > made {
            self.rows.set(seats);
        } else {
            self.rows.try_update_untracked(|rows| *rows = seats);
        }
        self.next_key.set_value(next_key);
    }
}

impl Seat {
    fn new(key: usize, place: Place, store: OrderStore) -> Self {
        Self {
            key,
            position: ArcRwSignal::new(place.position),
            row: ArcRwSignal::new(row_of(place.slot, store)),
            place,
        }
    }

    fn show(&mut self, place: Place, store: OrderStore) {
        if self.place.position != place.position {
            self.position.set(place.position);
        }
        if self.place.slot != place.slot {
            self.row.set(row_of(place.slot, store));
        }
        self.place = place;
    }
}

fn row_of(slot: Slot, store: OrderStore) -> Option<Row> {
    match slot {
        Slot::Order(id) => store.row(id),
        Slot::Gap(_) => None,
    }
}

/// Which seat each place gets: the one that shows it, else a free one that is
/// there already, else any free one, else the next to be made.
fn allot(seated: &[Place], places: &[Place]) -> Vec<usize> {
    let mut free: HashMap<Slot, usize> = HashMap::with_capacity(seated.len());
    free.extend(seated.iter().enumerate().map(|(seat, at)| (at.slot, seat)));
    let mut seats: Vec<Option<usize>> = places.iter().map(|at| free.remove(&at.slot)).collect();

    let free = free.into_values();
    let mut free: HashMap<usize, usize> = free.map(|seat| (seated[seat].position, seat)).collect();
    for (place, seat) in places.iter().zip(&mut seats) {
        *seat = seat.or_else(|| free.remove(&place.position));
    }

    let mut free: Vec<usize> = free.into_values().collect();
    free.sort_unstable();
    let mut free = free.into_iter().chain(seated.len()..);
    let seats = seats.into_iter();
    seats
        .filter_map(|seat| seat.or_else(|| free.next()))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use uuid::Uuid;

    use super::*;

    /// Orders called by their number, one after another from a position on.
    fn orders(from: usize, numbers: impl IntoIterator<Item = u128>) -> Vec<Place> {
        let slots = numbers
            .into_iter()
            .map(|id| Slot::Order(Uuid::from_u128(id)));
        let places = slots.enumerate();
        let place = |(index, slot)| Place {
            position: from + index,
            slot,
        };
        places.map(place).collect()
    }

    fn gaps(positions: Range<usize>) -> Vec<Place> {
        let place = |position| Place {
            position,
            slot: Slot::Gap(position),
        };
        positions.map(place).collect()
    }

    #[test]
    fn what_stays_in_view_keeps_its_row_and_what_comes_takes_the_one_given_up() {
        let seats = allot(&orders(0, [10, 11, 12]), &orders(1, [11, 12, 13]));
        assert_eq!(seats, [1, 2, 0]);
    }

    #[test]
    fn an_order_put_in_between_leaves_the_rows_of_the_others_alone() {
        let seats = allot(&orders(0, [10, 11, 12]), &orders(0, [10, 99, 11]));
        assert_eq!(seats, [0, 2, 1]);
    }

    #[test]
    fn what_was_not_known_is_shown_where_it_was_missing() {
        let mut seated = gaps(0..4);
        seated.rotate_left(2);
        assert_eq!(allot(&seated, &orders(0, [10, 11, 12, 13])), [2, 3, 0, 1]);
    }

    #[test]
    fn a_longer_view_gets_more_rows_and_a_shorter_one_gives_some_up() {
        assert_eq!(allot(&[], &gaps(0..3)), [0, 1, 2]);
        assert_eq!(allot(&gaps(0..2), &gaps(0..4)), [0, 1, 2, 3]);
        assert_eq!(allot(&gaps(0..4), &gaps(2..4)), [2, 3]);
    }
}
