//! Puts table rows back into the order in which they are seen. While somebody
//! scrolls, a row that is used again stays where it is in the document, which is
//! much cheaper; once they rest, those who hear the page rather than see it shall
//! find the rows in their order.

use leptos::html;
use leptos::prelude::*;

use super::seats::Place;
use crate::shared::StoredValue;

/// When the rows will be put in order.
pub type Pending = StoredValue<Option<TimeoutHandle>>;

/// Puts the rows in order after a pause, which begins anew every time.
pub fn sort_later(frame: NodeRef<html::Div>, pending: Pending) {
    #[cfg(feature = "hydrate")]
    browser::sort_after(frame, pending, browser::PAUSE);
    #[cfg(not(feature = "hydrate"))]
    let _ = (frame, pending);
}

/// Takes the focus from a row that will not show its order any more, so that no
/// key is pressed on another one by mistake.
pub fn free_focus(frame: NodeRef<html::Div>, places: &[Place]) {
    #[cfg(feature = "hydrate")]
    browser::free_focus(frame, places);
    #[cfg(not(feature = "hydrate"))]
    let _ = (frame, places);
}

#[cfg(feature = "hydrate")]
mod browser {
    use std::time::Duration;

    use leptos::html;
    use leptos::prelude::*;
    use leptos::web_sys::{Element, FocusOptions, HtmlElement};
    use wasm_bindgen::JsCast;

    use super::{Pending, Place};
    use crate::orders::row::row_id;
    use crate::orders::store::Slot;

    /// Whoever scrolls rests for as long.
    pub(super) const PAUSE: Duration = Duration::from_millis(250);

    /// Rows moved at a time, so that no frame is late for it.
    const AT_A_TIME: usize = 4;

    /// The time of some frames.
    const NEXT: Duration = Duration::from_millis(50);

    pub(super) fn sort_after(frame: NodeRef<html::Div>, pending: Pending, pause: Duration) {
        if let Some(handle) = pending.try_get_value().flatten() {
            handle.clear();
        }
        let sort = move || {
            if let Some(body) = body(frame)
                && !holds_focus(&body)
                && !sort_some(&body)
            {
                sort_after(frame, pending, NEXT);
            }
        };
        pending.try_set_value(set_timeout_with_handle(sort, pause).ok());
    }

    fn body(frame: NodeRef<html::Div>) -> Option<Element> {
        let frame = frame.try_get_untracked()??;
        frame.query_selector("tbody").ok()?
    }

    /// A row that is moved would lose the focus.
    fn holds_focus(body: &Element) -> bool {
        let focused = document().active_element();
        focused.is_some_and(|focused| body.contains(Some(&focused)))
    }

    /// Moves a few rows; false when there are more to move.
    fn sort_some(body: &Element) -> bool {
        let mut next = body.first_element_child();
        let mut rows = Vec::new();
        let mut child = next.clone();
        while let Some(row) = child {
            child = row.next_element_sibling();
            let place = row.get_attribute("aria-rowindex");
            let place = place.and_then(|place| place.parse::<u32>().ok());
            rows.push((place.unwrap_or(u32::MAX), row));
        }
        rows.sort_by_key(|(place, _)| *place);
        let mut moves = 0;
        for (_, row) in &rows {
            if next.as_ref() == Some(row) {
                next = row.next_element_sibling();
            } else if moves == AT_A_TIME {
                return false;
            } else {
                let before = next.as_ref().map(AsRef::as_ref);
                if body.insert_before(row, before).is_err() {
                    return true;
                }
                moves += 1;
            }
        }
        true
    }

    pub(super) fn free_focus(frame: NodeRef<html::Div>, places: &[Place]) {
        let focused = document().active_element();
        let row = focused.and_then(|focused| focused.closest("tr.row").ok()?);
        let Some(row) = row else { return };
        let id = row.id();
        let stays = |place: &Place| match place.slot {
            Slot::Order(order) => row_id(order) == id,
            Slot::Gap(_) => false,
        };
        if places.iter().any(stays) {
            return;
        }
        let table = frame
            .try_get_untracked()
            .flatten()
            .and_then(|frame| frame.query_selector("table").ok()?)
            .and_then(|table| table.dyn_into::<HtmlElement>().ok());
        if let Some(table) = table {
            let options = FocusOptions::new();
            options.set_prevent_scroll(true);
            // Without it the focus stays where it is, which does no harm yet.
            let _ = table.focus_with_options(&options);
        }
    }
}
