//! Restores the document order of table rows. During scrolling, a reused row stays
//! where it is in the document, which is much cheaper. After scrolling, the rows are
//! sorted, because screen readers read them in document order.

use leptos::html;
use leptos::prelude::*;
use uuid::Uuid;

use super::row_pool::Placement;
use super::store::Slot;
use crate::reactive::StoredValue;

/// The timer of the next sorting.
pub type Pending = StoredValue<Option<TimeoutHandle>>;

/// Sorts the rows after a pause. Scrolling restarts the pause; other changes do not,
/// or under steady changes it would never end.
pub fn sort_later(frame: NodeRef<html::Div>, pending: Pending, is_scrolling: bool) {
    #[cfg(feature = "hydrate")]
    if is_scrolling || pending.try_get_value().flatten().is_none() {
        browser::sort_after(frame, pending, browser::PAUSE);
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (frame, pending, is_scrolling);
}

/// Moves the focus away from a row that is about to show another order, so that no
/// key press affects the wrong order.
pub fn free_focus(placements: &[Placement]) {
    let stays = |order| {
        placements
            .iter()
            .any(|placement| placement.slot == Slot::Order(order))
    };
    free_focus_unless(&stays);
}

/// The same after a dialog returned the focus to the row it was opened from: by now
/// the row may show another order than the one that was edited.
pub fn free_focus_after(edited: Uuid) {
    free_focus_unless(&|order| order == edited);
}

fn free_focus_unless(is_right: &dyn Fn(Uuid) -> bool) {
    #[cfg(feature = "hydrate")]
    browser::free_focus_unless(is_right);
    #[cfg(not(feature = "hydrate"))]
    let _ = is_right;
}

/// The rows that can stay while the others are moved around them: the longest rising
/// subsequence of their positions, which needs the fewest moves.
#[cfg(any(feature = "hydrate", test))]
fn longest_rising(positions: &[u32]) -> Vec<bool> {
    // The best run that ends at each row: its length, and the row before.
    let mut runs: Vec<(usize, Option<usize>)> = Vec::with_capacity(positions.len());
    for (index, position) in positions.iter().enumerate() {
        let before = (0..index)
            .filter(|other| positions[*other] < *position)
            .max_by_key(|other| runs[*other].0);
        let length = before.map_or(0, |other| runs[other].0) + 1;
        runs.push((length, before));
    }
    let mut stays = vec![false; positions.len()];
    let mut next = (0..positions.len()).max_by_key(|index| runs[*index].0);
    while let Some(index) = next {
        stays[index] = true;
        next = runs[index].1;
    }
    stays
}

#[cfg(feature = "hydrate")]
mod browser {
    use std::time::Duration;

    use leptos::html;
    use leptos::prelude::*;
    use leptos::web_sys::{Element, FocusOptions, HtmlElement};
    use uuid::Uuid;
    use wasm_bindgen::JsCast;

    use super::Pending;
    use crate::orders::row::order_of;

    /// Scrolling has ended when it pauses for this long.
    pub(super) const PAUSE: Duration = Duration::from_millis(250);

    /// Rows moved at a time, so that no frame is late for it.
    const AT_A_TIME: usize = 4;

    /// The time of some frames.
    const NEXT: Duration = Duration::from_millis(50);

    /// The result of one round of sorting.
    enum Sorted {
        /// All are in order.
        All,
        /// More rows have to be moved.
        Some,
        /// A row must not be moved now.
        NotNow,
    }

    pub(super) fn sort_after(frame: NodeRef<html::Div>, pending: Pending, pause: Duration) {
        if let Some(handle) = pending.try_get_value().flatten() {
            handle.clear();
        }
        let sort = move || {
            pending.try_set_value(None);
            let Some(body) = body(frame) else { return };
            match sort_some(&body) {
                Some(Sorted::Some) => sort_after(frame, pending, NEXT),
                Some(Sorted::NotNow) => sort_after(frame, pending, PAUSE),
                Some(Sorted::All) | None => {}
            }
        };
        pending.try_set_value(set_timeout_with_handle(sort, pause).ok());
    }

    fn body(frame: NodeRef<html::Div>) -> Option<Element> {
        let frame = frame.try_get_untracked()??;
        frame.query_selector("tbody").ok()?
    }

    /// Moves a few of the reused rows around the others.
    fn sort_some(body: &Element) -> Option<Sorted> {
        let focused = document().active_element();
        if focused.is_some_and(|focused| body.contains(Some(&focused))) {
            // A row that is moved would lose the focus.
            return Some(Sorted::NotNow);
        }
        let (mut positions, mut rows) = (Vec::new(), Vec::new());
        let mut child = body.first_element_child();
        while let Some(row) = child {
            child = row.next_element_sibling();
            positions.push(row.get_attribute("aria-rowindex")?.parse().ok()?);
            rows.push(row);
        }
        let stays = super::longest_rising(&positions);
        let mut sorted: Vec<usize> = (0..rows.len()).collect();
        sorted.sort_by_key(|index| positions[*index]);
        // From the end, so that the row behind is in its final position already.
        let mut next = rows.last()?.next_sibling();
        let mut moves = 0;
        for index in sorted.into_iter().rev() {
            let row = &rows[index];
            if !stays[index] {
                // Moving it would restart its highlight.
                if row.matches(".row--new").unwrap_or(false) {
                    return Some(Sorted::NotNow);
                }
                if moves == AT_A_TIME {
                    return Some(Sorted::Some);
                }
                body.insert_before(row, next.as_ref()).ok()?;
                moves += 1;
            }
            next = Some(row.clone().into());
        }
        Some(Sorted::All)
    }

    pub(super) fn free_focus_unless(is_right: &dyn Fn(Uuid) -> bool) {
        let focused = document().active_element();
        let row = focused.and_then(|focused| focused.closest("tr.row").ok()?);
        let Some(row) = row else { return };
        if order_of(&row.id()).is_none_or(is_right) {
            return;
        }
        let table = row.closest("table").ok().flatten();
        if let Some(table) = table.and_then(|table| table.dyn_into::<HtmlElement>().ok()) {
            let options = FocusOptions::new();
            options.set_prevent_scroll(true);
            // If this fails, the focus stays on the row; the row is still there.
            let _ = table.focus_with_options(&options);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reused_rows_are_moved_and_the_others_stay() {
        // Three rows scrolled out at the top and came in at the bottom.
        let stays = longest_rising(&[8, 9, 10, 4, 5, 6, 7]);
        assert_eq!(stays, [false, false, false, true, true, true, true]);
        // And at the top, scrolling back.
        let stays = longest_rising(&[3, 4, 5, 6, 1, 2]);
        assert_eq!(stays, [true, true, true, true, false, false]);
    }

    #[test]
    fn rows_in_order_all_stay() {
        assert_eq!(longest_rising(&[2, 3, 4]), [true; 3]);
        assert!(longest_rising(&[]).is_empty());
    }
}
