//! Light or dark. `theme.js` applies the choice before the page shows.

use leptos::prelude::*;

use super::icons::Moon;

/// Switches between light and dark, and remembers.
#[component]
pub fn ThemeToggle() -> impl IntoView {
    view! {
        <button
            type="button"
            class="icon-button"
            aria-label="Switch between light and dark"
            on:click=move |_| toggle()
        >
            <Moon />
        </button>
    }
}

#[cfg(feature = "hydrate")]
fn toggle() {
    let Some(root) = document().document_element() else {
        return;
    };
    let system_is_dark = || {
        let query = window().match_media("(prefers-color-scheme: dark)");
        query.ok().flatten().is_some_and(|query| query.matches())
    };
    let is_dark = match root.get_attribute("data-theme").as_deref() {
        Some(theme) => theme == "dark",
        None => system_is_dark(),
    };
    let theme = if is_dark { "light" } else { "dark" };
    // Storage can be forbidden; the choice then lasts as long as the page.
    let _ = root.set_attribute("data-theme", theme);
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.set_item("theme", theme);
    }
}

#[cfg(not(feature = "hydrate"))]
const fn toggle() {}
