//! Search as you type.

use std::time::Duration;

use leptos::ev::Event;
use leptos::prelude::*;

use super::store::DeliveryStore;
use crate::components::keys::{focus, on_key};
use crate::reactive::{RwSignal, StoredValue, effect, handler, memo, view};

/// The pause in typing that starts a search.
const PAUSE: Duration = Duration::from_millis(200);

/// As long as the server takes.
const MAX_LENGTH: u32 = 255;

/// The id of the search box, for the `/` key.
const SEARCH_ID: &str = "delivery-search";

/// The search box: an id of Shopify's or of ours.
#[component]
pub fn Search(
    /// Searched.
    store: DeliveryStore,
) -> impl IntoView {
    let asked = memo(move || {
        let q = store.filter.with(|filter| filter.q.clone());
        q.unwrap_or_default()
    });
    let typed = RwSignal::new(asked.get_untracked());
    let keystrokes = StoredValue::new(0_u32);

    // The search can also be cleared by a button. A blank at the end belongs to text
    // that is still being typed.
    effect(move || {
        let asked = asked.get();
        if typed.with_untracked(|typed| typed.trim() != asked) {
            typed.set(asked);
        }
    });
    let search = move |event: Event| {
        let text = event_target_value(&event);
        typed.set(text.clone());
        keystrokes.update_value(|count| *count = count.wrapping_add(1));
        let count = keystrokes.get_value();
        let search = move || {
            // It is still the last one, and the page still exists.
            if keystrokes.try_get_value() == Some(count) {
                let q = Some(text.trim().to_owned()).filter(|q| !q.is_empty());
                store.choose(|filter| filter.q = q);
            }
        };
        set_timeout(search, PAUSE);
    };
    on_key("/", || focus(SEARCH_ID));
    view! {
        <search class="search">
            <label class="visually-hidden" for=SEARCH_ID>
                "Search deliveries"
            </label>
            <input
                class="search__input"
                id=SEARCH_ID
                type="search"
                placeholder="Webhook, delivery or order id"
                autocomplete="off"
                spellcheck="false"
                maxlength=MAX_LENGTH
                aria-keyshortcuts="/"
                value=asked.get_untracked()
                prop:value=move || typed.get()
                on:input=handler(search)
            />
            <kbd class="search__key" aria-hidden="true">
                "/"
            </kbd>
        </search>
    }
}
