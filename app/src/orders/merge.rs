//! Which rows belong on the screen, and where: pure rules.
//!
//! The list shows the newest orders first. Live changes patch rows in place;
//! only a new order takes a place of its own.

use chrono::{DateTime, Utc};
use domain::api::Order;
use uuid::Uuid;

/// Rows kept at most. What falls off the end is loaded again when asked for.
pub const MAX_ROWS: usize = 400;

/// What an order is sorted by, newest first.
pub type SortKey = (DateTime<Utc>, Uuid);

/// The sort key of an order.
pub const fn sort_key(order: &Order) -> SortKey {
    (order.placed_at, order.id)
}

/// Where a new order goes among rows sorted newest first; `None` when it lies
/// beyond the loaded end and there is more to load: paging will get there.
pub fn place(rows: &[SortKey], key: SortKey, has_more: bool) -> Option<usize> {
    let index = rows.partition_point(|row| *row > key);
    (index < rows.len() || !has_more).then_some(index)
}

/// `incoming` is newer than what is shown. Frames may repeat, and a page that
/// was under way may be older than a change that overtook it.
pub const fn is_news(shown: i64, incoming: i64) -> bool {
    incoming > shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(seconds: i64) -> SortKey {
        (
            DateTime::from_timestamp(seconds, 0).unwrap(),
            Uuid::from_u128(1),
        )
    }

    #[test]
    fn a_new_order_goes_where_its_age_belongs() {
        let rows = [key(30), key(20), key(10)];
        assert_eq!(place(&rows, key(40), true), Some(0));
        assert_eq!(place(&rows, key(25), true), Some(1));
        assert_eq!(place(&[], key(1), false), Some(0));
    }

    #[test]
    fn an_order_beyond_the_loaded_end_waits_for_paging() {
        let rows = [key(30), key(20)];
        assert_eq!(place(&rows, key(5), true), None);
        assert_eq!(place(&rows, key(5), false), Some(2));
    }

    #[test]
    fn repeats_and_older_versions_are_not_news() {
        assert!(is_news(3, 4));
        assert!(!is_news(3, 3));
        assert!(!is_news(3, 2));
    }
}
