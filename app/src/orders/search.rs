//! The search box: it searches as the person types.

use std::time::Duration;

use domain::orders::search::MAX_QUERY;
use leptos::prelude::*;

use super::list::Lists;
use super::store::OrderStore;
use super::view::View;
use crate::reactive::{RwSignal, StoredValue, effect, handler, view};

/// Pause in typing that starts the search.
const PAUSE: Duration = Duration::from_millis(150);

/// The id of the search box, for the `/` key.
pub const SEARCH_ID: &str = "order-search";

/// The search box.
#[component]
pub fn Search(
    /// The list that is searched.
    store: OrderStore,
    /// Loads the result.
    lists: Lists,
) -> impl IntoView {
    let typed = RwSignal::new(store.view.with_untracked(|view| view.search.clone()));
    let asked = StoredValue::new(typed.get_untracked());
    effect(move || {
        // Changed elsewhere, such as by "Show all orders"; typed text is left alone.
        let searched = store.view.with(|view| view.search.clone());
        if asked.get_value() != searched {
            asked.set_value(searched.clone());
            typed.set(searched);
        }
    });
    let search = debounce(PAUSE, move |typed: String| {
        asked.set_value(typed.clone());
        let view = store.view.get_untracked();
        if view.search != typed {
            lists.open(View {
                search: typed,
                ..view
            });
        }
    });
    view! {
        <search class="search">
            <label class="visually-hidden" for=SEARCH_ID>
                "Search orders"
            </label>
            <input
                class="search__input"
                id=SEARCH_ID
                type="search"
                placeholder="Search orders"
                autocomplete="off"
                spellcheck="false"
                maxlength=MAX_QUERY
                aria-keyshortcuts="/"
                prop:value=move || typed.get()
                value=typed.get_untracked()
                on:input=handler(move |event| {
                    let text = event_target_value(&event);
                    typed.set(text.clone());
                    search(text);
                })
            />
            <kbd class="search__key" aria-hidden="true">
                "/"
            </kbd>
        </search>
    }
}

/// Calls `with` after a pause without further calls.
fn debounce<T: 'static>(pause: Duration, with: impl Fn(T) + Copy + 'static) -> impl Fn(T) {
    let pending = StoredValue::new(None::<TimeoutHandle>);
    move |value: T| {
        if let Some(handle) = pending.get_value() {
            handle.clear();
        }
        let handle = set_timeout_with_handle(move || with(value), pause);
        pending.set_value(handle.ok());
    }
}
