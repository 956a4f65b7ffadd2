//! The bar at the top of every page.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::clock::every;
use super::connection::ConnectionBadge;
use super::icons::Mark;
use super::keys::Keys;
use super::me::MeButton;
use super::theme::ThemeToggle;
use crate::live::Live;
use crate::shared::{RwSignal, Show, view};
use crate::{api, format};

/// How often the number of dead deliveries is asked for.
const DEAD_INTERVAL: Duration = Duration::from_secs(10);

/// A page with a place in the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// `/dashboard`
    Orders,
    /// `/dashboard/deliveries`
    Deliveries,
}

/// Brand, navigation, and how live the page is.
#[component]
pub fn Header(
    /// The connection.
    live: Live,
    /// Where we are.
    page: Page,
    /// Dead deliveries, as last counted.
    dead: RwSignal<u64>,
    /// The data is made up.
    demo: bool,
) -> impl IntoView {
    every(DEAD_INTERVAL, move || {
        spawn_local(async move {
            if let Ok(stats) = api::delivery_stats().await {
                dead.try_set(stats.dead);
            }
        });
    });
    let current = move |of: Page| (page == of).then_some("page");
    view! {
        <header class="header">
            // Each page holds its own connection and loads its own data, so going
            // from one to the other is a plain link.
            <a class="header__brand" href="/dashboard" rel="external">
                <Mark />
                <span>"Atomic Order Orchestrator"</span>
            </a>
            <nav class="header__nav" aria-label="Main">
                <a
                    class="header__link"
                    href="/dashboard"
                    rel="external"
                    aria-current=current(Page::Orders)
                >
                    "Orders"
                </a>
                <a
                    class="header__link"
                    href="/dashboard/deliveries"
                    rel="external"
                    aria-current=current(Page::Deliveries)
                >
                    "Deliveries"
                    <Show when=move || { dead.get() > 0 }>
                        <span
                            class="nav-badge"
                            data-kind="dead"
                            title="Deliveries that failed for good and wait for a decision"
                        >
                            {move || format::count(dead.get())}
                            <span class="visually-hidden">" dead"</span>
                        </span>
                    </Show>
                </a>
            </nav>
            <div class="header__tools">
                {demo
                    .then(|| {
                        view! {
                            <span class="demo-badge" title="These orders are made up">
                                "Demo"
                                <span class="demo-badge__more">" data"</span>
                            </span>
                        }
                    })}
                <ConnectionBadge live />
                <MeButton />
                <Keys />
                <ThemeToggle />
            </div>
        </header>
    }
}
