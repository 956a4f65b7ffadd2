//! The bar at the top of every page.

use leptos::prelude::*;

use super::connection::ConnectionBadge;
use super::icons::Mark;
use super::theme::ThemeToggle;
use crate::live::Connection;

/// Brand, navigation, and how live the page is.
#[component]
pub fn Header(
    /// How well changes are heard.
    connection: ReadSignal<Connection>,
    /// The data is made up.
    demo: bool,
) -> impl IntoView {
    view! {
        <header class="header">
            <a class="header__brand" href="/dashboard">
                <Mark />
                <span>"Atomic Order Orchestrator"</span>
            </a>
            <nav class="header__nav" aria-label="Main">
                <a class="header__link" href="/dashboard" aria-current="page">"Orders"</a>
            </nav>
            <div class="header__tools">
                {demo
                    .then(|| view! {
                        <span class="demo-badge" title="These orders are made up">"Demo"<span class="demo-badge__more">" data"</span></span>
                    })}
                <ConnectionBadge connection />
                <ThemeToggle />
            </div>
        </header>
    }
    .into_any()
}
