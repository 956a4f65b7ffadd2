//! The theme: light, dark, or that of the system. `theme.js` applies the choice before
//! the page is drawn.

use leptos::prelude::*;

use super::icons::Moon;
use crate::reactive::{RwSignal, follow, handler, view};

/// Cycles through three choices: the opposite of the system's theme, the same as the
/// system's theme, and following the system.
#[component]
pub fn ThemeToggle() -> impl IntoView {
    let theme = RwSignal::new("system");
    #[cfg(feature = "hydrate")]
    crate::reactive::effect(move || theme.set(browser::chosen()));
    let label = move || {
        let theme = theme.get();
        format!("Theme: {theme}. Switch between light and dark, or follow the system")
    };
    let toggle = move |_| {
        #[cfg(feature = "hydrate")]
        theme.set(browser::next());
    };
    view! {
        <button
            type="button"
            class="icon-button theme"
            data-theme-choice=move || theme.get()
            aria-label=follow(label)
            title=follow(label)
            on:click=handler(toggle)
        >
            <Moon />
        </button>
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use leptos::prelude::{document, window};

    const KEY: &str = "theme";

    /// The chosen theme.
    pub(super) fn chosen() -> &'static str {
        let root = document().document_element();
        let chosen = root.and_then(|root| root.get_attribute("data-theme"));
        match chosen.as_deref() {
            Some("light") => "light",
            Some("dark") => "dark",
            _ => "system",
        }
    }

    /// Chooses the next theme, and stores the choice.
    pub(super) fn next() -> &'static str {
        let query = window().match_media("(prefers-color-scheme: dark)");
        let is_dark = query.ok().flatten().is_some_and(|query| query.matches());
        let (same, other) = if is_dark {
            ("dark", "light")
        } else {
            ("light", "dark")
        };
        let next = match chosen() {
            "system" => other,
            chosen if chosen == other => same,
            _ => "system",
        };
        apply(next);
        next
    }

    fn apply(theme: &str) {
        let Some(root) = document().document_element() else {
            return;
        };
        // Storage can be forbidden; then the choice is lost with the page.
        let storage = window().local_storage().ok().flatten();
        if theme == "system" {
            let _ = root.remove_attribute("data-theme");
            let _ = storage.map(|storage| storage.remove_item(KEY));
        } else {
            let _ = root.set_attribute("data-theme", theme);
            let _ = storage.map(|storage| storage.set_item(KEY, theme));
        }
    }
}
