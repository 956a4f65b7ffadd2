//! Merging a newly loaded first page into the rows on the screen: pure rules.
//!
//! Ids are `UUIDv7`, so "newer" is "larger", and lists are sorted by id, newest
//! first.

use uuid::Uuid;

/// Rows kept at most while new ones arrive on top. What falls off the end is
/// loaded again when asked for.
pub const MAX_ROWS: usize = 400;

/// Ids newest first, and whether there are older ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// Newest first.
    pub ids: Vec<Uuid>,
    /// There are older ones than the last.
    pub has_more: bool,
}

/// The merged list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// The rows to show.
    pub list: List,
    /// There are newer ones than shown.
    pub held_back: bool,
}

/// Merges a newly loaded first page into the rows shown. As far back as the page
/// reaches, it decides which rows exist; older rows stay. With `hold`, a person is
/// reading further down, and nothing is added on top.
pub fn merge(shown: &List, page: &List, hold: bool) -> Merged {
    let newest = shown.ids.first().copied();
    let is_new = |id: &Uuid| newest.is_none_or(|newest| *id > newest);
    let hold = hold && newest.is_some();
    let held_back = hold && page.ids.iter().any(is_new);

    // So many are new that the page does not reach down to the rows shown.
    let is_apart = page.has_more && page.ids.iter().all(is_new);
    if is_apart {
        let list = if hold { shown } else { page };
        return Merged {
            list: list.clone(),
            held_back,
        };
    }

    let end = page.ids.last().copied().filter(|_| page.has_more);
    let is_older = |id: &&Uuid| end.is_some_and(|end| **id < end);
    let kept = page.ids.iter().filter(|id| !(hold && is_new(id)));
    let mut ids: Vec<Uuid> = kept
        .chain(shown.ids.iter().filter(is_older))
        .copied()
        .collect();
    let reaches_further = ids.last() != page.ids.last();
    let mut has_more = match end {
        Some(_) if reaches_further => shown.has_more,
        Some(_) => true,
        None => false,
    };
    if !hold && ids.len() > MAX_ROWS {
        ids.truncate(MAX_ROWS);
        has_more = true;
    }
    Merged {
        list: List { ids, has_more },
        held_back,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(ids: &[u128], has_more: bool) -> List {
        List {
            ids: ids.iter().copied().map(Uuid::from_u128).collect(),
            has_more,
        }
    }

    fn merged(shown: &List, page: &List, hold: bool) -> (List, bool) {
        let merged = merge(shown, page, hold);
        (merged.list, merged.held_back)
    }

    #[test]
    fn new_ones_go_on_top_and_loaded_older_ones_stay() {
        let shown = list(&[5, 4, 3, 2], true);
        let page = list(&[7, 6, 5, 4], true);
        let all = list(&[7, 6, 5, 4, 3, 2], true);
        assert_eq!(merged(&shown, &page, false), (all, false));
    }

    #[test]
    fn the_end_stays_the_end() {
        let shown = list(&[5, 4, 3], false);
        let page = list(&[6, 5], true);
        assert_eq!(merged(&shown, &page, false).0, list(&[6, 5, 4, 3], false));
        let last_page = list(&[6], false);
        assert_eq!(merged(&shown, &last_page, false).0, last_page);
    }

    #[test]
    fn a_row_that_no_longer_matches_the_filter_leaves_the_list() {
        let shown = list(&[5, 4, 3, 2], true);
        let page = list(&[5, 3], true);
        assert_eq!(merged(&shown, &page, false).0, list(&[5, 3, 2], true));
        assert_eq!(merged(&shown, &list(&[], false), false).0, list(&[], false));
    }

    #[test]
    fn nothing_moves_while_the_list_is_being_read() {
        let shown = list(&[5, 4, 3], false);
        let page = list(&[7, 6, 5, 4], true);
        assert_eq!(merged(&shown, &page, true), (shown.clone(), true));
        let far = list(&[9, 8], true);
        assert_eq!(merged(&shown, &far, true), (shown.clone(), true));
    }

    #[test]
    fn a_gap_is_never_shown() {
        let shown = list(&[5, 4], false);
        let far = list(&[9, 8], true);
        assert_eq!(merged(&shown, &far, false), (far, false));
    }

    #[test]
    fn an_empty_list_takes_the_page_even_while_it_is_being_read() {
        let page = list(&[2, 1], false);
        assert_eq!(merged(&list(&[], false), &page, true), (page, false));
    }

    #[test]
    fn the_list_does_not_grow_for_ever() {
        let ids: Vec<u128> = (1..=u128::try_from(MAX_ROWS).unwrap()).rev().collect();
        let page = list(&[1_000, ids[0]], true);
        let merged = merged(&list(&ids, false), &page, false).0;
        assert_eq!(merged.ids.len(), MAX_ROWS);
        assert!(merged.has_more);
    }
}
