use proptest::prelude::*;

use super::*;

/// Parts of a list, named: as literals they read like a list of numbers.
const TOP: Range<usize> = 0..50;
const ALL: Range<usize> = 0..10;

fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
}

fn key(number: u32) -> SortKey {
    let at = DateTime::UNIX_EPOCH + TimeDelta::seconds(i64::from(number));
    SortKey::new(at, Uuid::from_u128(u128::from(number)))
}

/// A list of `numbers`, largest first, of which the range `known` is loaded.
fn window(numbers: &[u32], known: &[Range<usize>]) -> Window {
    let mut window = Window::new(numbers.len(), true, Vec::new(), now());
    for range in known {
        let rows = numbers[range.clone()].iter().copied().map(key).collect();
        window.put(range.start, rows, now());
    }
    window
}

fn down_from(first: u32, count: u32) -> Vec<u32> {
    (0..count).map(|index| first - index * 10).collect()
}

fn id(number: u32) -> Uuid {
    key(number).id
}

#[test]
fn a_known_row_is_found_and_an_unknown_one_is_not() {
    let window = window(&down_from(5_000, 300), &[0..50, 100..150]);
    assert_eq!(window.get(49), Some(id(5_000 - 490)));
    assert_eq!(window.get(50), None);
    assert_eq!(window.position(id(5_000 - 1_010)), Some(101));
    assert_eq!(window.total(), 300);
}

#[test]
fn what_is_missing_continues_what_is_known_or_surrounds_what_is_shown() {
    let window = window(&down_from(90_000, 5_000), &[0..50, 2_000..2_100]);
    let missing = |range| window.missing(&range, now());
    assert_eq!(missing(0..40), None);
    assert_eq!(missing(30..70), Some(50..150));
    assert_eq!(missing(1_000..1_040), Some(975..1_075));
    assert_eq!(missing(1_970..2_010), Some(1_900..2_000));
    assert_eq!(missing(2_090..2_130), Some(2_100..2_200));
    assert_eq!(missing(4_990..5_030), Some(4_900..5_000));
}

#[test]
fn rows_shown_after_five_minutes_are_asked_for_again() {
    let window = window(&down_from(5_000, 300), &[0..50, 50..150]);
    let later = now() + TimeDelta::minutes(6);
    assert_eq!(window.missing(&(0..40), later), Some(0..50));
}

#[test]
fn a_new_row_goes_where_it_belongs_and_the_rest_moves_on() {
    let mut window = window(&down_from(5_000, 300), &[0..50, 100..150]);
    let moved = id(5_000 - 1_000);
    assert_eq!(window.insert(key(5_001)), SortedPosition::Known(0));
    assert_eq!(window.insert(key(4_995)), SortedPosition::Known(2));
    assert_eq!(window.position(moved), Some(102));
    assert_eq!(window.total(), 302);
}

#[test]
fn a_row_among_unknown_rows_only_moves_what_is_behind_it() {
    let mut window = window(&down_from(5_000, 300), &[0..50, 100..150]);
    assert_eq!(window.insert(key(5_000 - 705)), SortedPosition::Unknown);
    assert_eq!(window.position(id(5_000)), Some(0));
    assert_eq!(window.position(id(5_000 - 1_000)), Some(101));
    assert_eq!(window.insert(key(1)), SortedPosition::Unknown);
    assert_eq!(window.total(), 302);
}

#[test]
fn the_end_of_a_list_that_is_all_known_takes_rows_too() {
    let mut all = window(&down_from(500, 10), &[ALL]);
    assert_eq!(all.insert(key(1)), SortedPosition::Known(10));
    let mut empty = window(&[], &[]);
    assert_eq!(empty.insert(key(1)), SortedPosition::Known(0));
    assert_eq!(empty.get(0), Some(id(1)));
}

#[test]
fn a_row_that_leaves_takes_its_place_with_it() {
    let mut window = window(&down_from(5_000, 300), &[0..50, 100..150]);
    assert_eq!(window.remove(id(5_000)), Some(0));
    assert_eq!(window.get(0), Some(id(4_990)));
    assert_eq!(window.position(id(5_000 - 1_000)), Some(99));
    assert_eq!(window.remove(id(7)), None);
    assert_eq!(window.total(), 299);
}

#[test]
fn memory_stays_bounded_around_what_is_shown() {
    let numbers = down_from(900_000, 50_000);
    let mut window = window(&numbers, &[]);
    for start in (0..40_000).step_by(BLOCK) {
        let rows = numbers[start..start + BLOCK].iter().copied().map(key);
        window.put(start, rows.collect(), now());
        window.tidy(&(start..start + 40), now());
    }
    assert!(window.ids().count() <= MAX_ROWS);
    assert!(window.get(39_900).is_some());
    assert!(window.get(0).is_none());
}

#[test]
fn what_was_not_shown_for_ten_minutes_is_dropped() {
    let mut window = window(&down_from(5_000, 300), &[0..50, 100..150]);
    window.tidy(&(0..40), now() + TimeDelta::minutes(6));
    assert!(window.tidy(&(0..40), now() + TimeDelta::minutes(11)));
    assert!(window.get(0).is_some());
    assert!(window.get(100).is_none());
}

proptest! {
    /// Whatever is inserted, removed and loaded, in any order, the loaded rows are
    /// where they are in the whole list.
    #[test]
    fn what_is_known_is_always_true(
        steps in prop::collection::vec((0_u8..4, 0_u32..2_000, 0_usize..400), 1..60),
    ) {
        let mut list: Vec<u32> = down_from(10_000, 300).into_iter().map(|n| n * 3).collect();
        let mut window = window(&list, &[TOP]);
        for (step, number, position) in steps {
            match step {
                0 => {
                    let number = number * 15 + 1;
                    if !list.contains(&number) {
                        let index = list.partition_point(|other| *other > number);
                        list.insert(index, number);
                        window.insert(key(number));
                    }
                }
                1 if !list.is_empty() => {
                    let number = list[position % list.len()];
                    if window.remove(id(number)).is_some() {
                        list.retain(|other| *other != number);
                    }
                }
                2 => {
                    if let Some(range) = window.missing(&(position..position + 40), now()) {
                        prop_assert!(range.end <= list.len() && range.len() <= BLOCK);
                        let rows = list[range.clone()].iter().copied().map(key).collect();
                        window.put(range.start, rows, now());
                        prop_assert!(range.clone().all(|position| window.get(position).is_some()));
                    }
                }
                _ => { window.tidy(&(position..position + 40), now()); }
            }
            prop_assert_eq!(window.total(), list.len());
            for (position, number) in list.iter().enumerate() {
                if let Some(known) = window.get(position) {
                    prop_assert_eq!(known, id(*number), "at {}", position);
                }
            }
        }
    }
}
