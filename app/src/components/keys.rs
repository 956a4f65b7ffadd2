//! Keyboard shortcuts that work everywhere on a page, and the list of them.

use leptos::ev::{self, KeyboardEvent};
use leptos::html;
use leptos::prelude::*;

use super::icons::{Close, Keyboard};
use crate::reactive::{effect, handler, view};

const KEYS: [(&[&str], &str); 9] = [
    (&["/"], "Search"),
    (&["↑", "↓"], "Move through the orders"),
    (&["Page ↑", "Page ↓"], "Move by a page"),
    (&["Home", "End"], "First and last order"),
    (&["Enter"], "Open the order"),
    (&["n"], "Show new orders"),
    (&["Ctrl", "Enter"], "Save the order"),
    (&["Esc"], "Close; asks first if something is not saved"),
    (&["?"], "This list"),
];

/// A button for the list of keys, and the list. `?` opens it too.
#[component]
pub fn Keys() -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    let open = move || {
        if let Some(dialog) = dialog.get_untracked()
            && !dialog.open()
        {
            // Fails only when it is open already.
            let _ = dialog.show_modal();
        }
    };
    let close = move |_| {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    };
    on_key("?", open);
    let lines = KEYS.map(|(keys, does)| {
        let keys = keys.iter().map(|key| view! { <kbd>{*key}</kbd> });
        view! {
            <div class="keys__line">
                <dt>{keys.collect_view()}</dt>
                <dd>{does}</dd>
            </div>
        }
    });
    view! {
        <button
            type="button"
            class="icon-button keys-button"
            aria-label="Keyboard shortcuts"
            aria-keyshortcuts="?"
            on:click=handler(move |_| open())
        >
            <Keyboard />
        </button>
        <dialog class="modal modal--small keys" aria-labelledby="keys-title" node_ref=dialog>
            <div class="modal__head">
                <h2 class="modal__title" id="keys-title">
                    "Keyboard"
                </h2>
                <button type="button" class="icon-button" aria-label="Close" on:click=handler(close)>
                    <Close />
                </button>
            </div>
            <dl class="keys__list">{lines.collect_view()}</dl>
        </dialog>
    }
}

/// Calls `press` when a key is pressed outside of inputs and dialogs, and not as part
/// of a shortcut of the browser.
pub fn on_key(key: &'static str, press: impl Fn() + Clone + 'static) {
    effect(move || {
        let press = press.clone();
        let handle = window_event_listener(ev::keydown, move |event: KeyboardEvent| {
            let is_shortcut = event.ctrl_key() || event.meta_key() || event.alt_key();
            if event.key() == key && !is_shortcut && !is_for_input_or_dialog(&event) {
                event.prevent_default();
                press();
            }
        });
        on_cleanup(move || handle.remove());
    });
}

/// The key belongs to an input or to an open dialog.
#[cfg(feature = "hydrate")]
fn is_for_input_or_dialog(event: &KeyboardEvent) -> bool {
    use wasm_bindgen::JsCast;

    let target = event.target();
    let element = target.and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let types = element.is_some_and(|element| {
        element
            .closest("input, textarea, select, [contenteditable]")
            .is_ok_and(|found| found.is_some())
    });
    let asks = document().query_selector("dialog[open]");
    types || asks.is_ok_and(|dialog| dialog.is_some())
}

#[cfg(not(feature = "hydrate"))]
const fn is_for_input_or_dialog(_: &KeyboardEvent) -> bool {
    true
}

/// Puts the focus on an element.
pub fn focus(id: &str) {
    #[cfg(feature = "hydrate")]
    {
        use wasm_bindgen::JsCast;

        let element = document().get_element_by_id(id);
        if let Some(element) = element.and_then(|it| it.dyn_into::<web_sys::HtmlElement>().ok()) {
            // Fails only where focus is impossible.
            let _ = element.focus();
        }
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = id;
}

/// The id of the element that has the focus.
pub fn focused() -> Option<String> {
    #[cfg(feature = "hydrate")]
    return document()
        .active_element()
        .map(|element| element.id())
        .filter(|id| !id.is_empty());
    #[cfg(not(feature = "hydrate"))]
    return None;
}
