//! Measurements in the browser: heights and the scroll position.

use leptos::html;
use leptos::prelude::*;

use super::scroll::Scroll;
use crate::reactive::{Memo, RwSignal};

/// Measures the view: at first, when the window or the rows change their size, and
/// when the list changes its length.
pub fn keep_measured(frame: NodeRef<html::Div>, scroll: RwSignal<Scroll>, rows: Memo<usize>) {
    #[cfg(feature = "hydrate")]
    {
        browser::keep_measured(frame, scroll, rows);
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (frame, scroll, rows);
}

/// The scroll position of the browser, in pixels.
pub fn scroll_top(frame: NodeRef<html::Div>) -> Option<f64> {
    #[cfg(feature = "hydrate")]
    return browser::scroll_top(frame);
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = frame;
        None
    }
}

/// Scrolls the browser.
pub fn scroll_to(frame: NodeRef<html::Div>, top: f64) {
    #[cfg(feature = "hydrate")]
    browser::scroll_to(frame, top);
    #[cfg(not(feature = "hydrate"))]
    let _ = (frame, top);
}

#[cfg(feature = "hydrate")]
mod browser {
    use leptos::html;
    use leptos::prelude::*;
    use send_wrapper::SendWrapper;
    use wasm_bindgen::JsCast;
    use wasm_bindgen::prelude::Closure;
    use web_sys::{HtmlElement, ResizeObserver};

    use super::Scroll;
    use crate::reactive::{Memo, RwSignal, effect};

    pub(super) fn keep_measured(
        frame: NodeRef<html::Div>,
        scroll: RwSignal<Scroll>,
        rows: Memo<usize>,
    ) {
        let measure = move || {
            let Some(element) = frame.get_untracked() else {
                return;
            };
            let (Some(row), Some(head)) = (height(&element, ".row"), head(&element)) else {
                let rows = rows.get_untracked();
                scroll.update(|scroll| {
                    scroll.set_rows(rows);
                });
                return;
            };
            let view = (f64::from(element.client_height()) - head).max(row);
            let top = scroll.try_update(|scroll| scroll.resize(rows.get_untracked(), row, view));
            if let Some(top) = top
                && (top - element_top(&element)).abs() > 1.0
            {
                scroll_to(frame, top);
            }
        };
        effect(move || {
            // Read, not only tracked: a memo that is never read never changes.
            rows.get();
            measure();
        });
        effect(move || {
            let Some(element) = frame.get() else { return };
            let resized = Closure::<dyn FnMut()>::new(measure);
            let Ok(observer) = ResizeObserver::new(resized.as_ref().unchecked_ref()) else {
                return;
            };
            observer.observe(&element);
            // The closure must live as long as the observer that calls it.
            let observed = SendWrapper::new((observer, resized));
            on_cleanup(move || observed.0.disconnect());
        });
    }

    fn height(element: &HtmlElement, selector: &str) -> Option<f64> {
        let found = element.query_selector(selector).ok()??;
        let height = found.get_bounding_client_rect().height();
        (height > 0.0).then_some(height)
    }

    /// The height of the header row, which covers a part of the view; 0 on phones.
    fn head(element: &HtmlElement) -> Option<f64> {
        let head = element.query_selector("thead").ok()??;
        Some(head.get_bounding_client_rect().height())
    }

    fn element_top(element: &HtmlElement) -> f64 {
        f64::from(element.scroll_top())
    }

    pub(super) fn scroll_top(frame: NodeRef<html::Div>) -> Option<f64> {
        frame.get_untracked().map(|element| element_top(&element))
    }

    #[expect(clippy::cast_possible_truncation, reason = "at most 15 million")]
    pub(super) fn scroll_to(frame: NodeRef<html::Div>, top: f64) {
        if let Some(element) = frame.get_untracked() {
            element.set_scroll_top(top.round() as i32);
        }
    }
}
