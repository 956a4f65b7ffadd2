//! Puts table rows back into the order in which they are seen. While somebody
//! scrolls, a row that is used again stays where it is in the document, which is
//! much cheaper; once they rest, those who hear the page rather than see it shall
//! find the rows in their order.

use leptos::html;
use leptos::prelude::*;
use uuid::Uuid;

use super::seats::Place;
use super::store::Slot;
use crate::shared::StoredValue;

/// When the rows will be put in order.
pub type Pending = StoredValue<Option<TimeoutHandle>>;

/// Puts the rows in order after a pause. While somebody scrolls it begins anew
/// every time; for what else changes it does not, or it would never end.
pub fn sort_later(frame: NodeRef<html::Div>, pending: Pending, is_scrolling: bool) {
    #[cfg(feature = "hydrate")]
    if is_scrolling || pending.try_get_value().flatten().is_none() {
        browser::sort_after(frame, pending, browser::PAUSE);
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (frame, pending, is_scrolling);
}

/// Takes the focus from a row that will not show its order any more, so that no
/// key is pressed on another one by mistake.
pub fn free_focus(places: &[Place]) {
    let stays = |order| places.iter().any(|place| place.slot == Slot::Order(order));
    free_focus_unless(&stays);
}

/// The same once a dialog gave the focus back to where it had it from: a row that
/// may show another order than the one that was edited.
pub fn free_focus_after(edited: Uuid) {
    free_focus_unless(&|order| order == edited);
}

fn free_focus_unless(is_right: &dyn Fn(Uuid) -> bool) {
    #[cfg(feature = "hydrate")]
    browser::free_focus_unless(is_right);
    #[cfg(not(feature = "hydrate"))]
    let _ = is_right;
}

/// Which of some rows can stay while the others are moved around them: the longest
/// run of rising places among them, as few moves as possible.
#[cfg(any(feature = "hydrate", test))]
fn longest_rising(places: &[u32]) -> Vec<bool> {
    // The best run that ends at each place: how long it is, and what comes before.
    let mut runs: Vec<(usize, Option<usize>)> = Vec::with_capacity(places.len());
    for (index, place) in places.iter().enumerate() {
        let before = (0..index)
            .filter(|other| places[*other] < *place)
            .max_by_key(|other| runs[*other].0);
        let length = before.map_or(0, |other| runs[other].0) + 1;
        runs.push((length, before));
    }
    let mut stays = vec![false; places.len()];
    let mut next = (0..places.len()).max_by_key(|index| runs[*index].0);
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

    /// Whoever scrolls rests for as long.
    pub(super) const PAUSE: Duration = Duration::from_millis(250);

    /// Rows moved at a time, so that no frame is late for it.
    const AT_A_TIME: usize = 4;

    /// The time of some frames.
    const NEXT: Duration = Duration::from_millis(50);

    /// How far sorting came.
    enum Sorted {
        /// All are in order.
        All,
        /// Some more are to be moved.
        Some,
        /// Something must not be moved now.
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

    /// Moves a few rows: those that were used again, around the others.
    fn sort_some(body: &Element) -> Option<Sorted> {
        let focused = document().active_element();
        if focused.is_some_and(|focused| body.contains(Some(&focused))) {
            // A row that is moved would lose the focus.
            return Some(Sorted::NotNow);
        }
        let (mut places, mut rows) = (Vec::new(), Vec::new());
        let mut child = body.first_element_child();
        while let Some(row) = child {
            child = row.next_element_sibling();
            places.push(row.get_attribute("aria-rowindex")?.parse().ok()?);
            rows.push(row);
        }
        let stays = super::longest_rising(&places);
        let mut sorted: Vec<usize> = (0..rows.len()).collect();
        sorted.sort_by_key(|index| places[*index]);
        // From the end, so that what a row is put in front of is in its place.
        let mut next = rows.last()?.next_sibling();
        let mut moves = 0;
        for index in sorted.into_iter().rev() {
            let row = &rows[index];
            if !stays[index] {
                // It would light up once more.
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
            // Without it the focus stays where it is, which does no harm yet.
            let _ = table.focus_with_options(&options);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_used_again_is_moved_and_what_stayed_stays() {
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
