//! The bar at the top of every page.

use std::time::Duration;

use domain::pages::Page;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::clock::every;
use super::connection::ConnectionBadge;
use super::icons::Mark;
use super::keys::Keys;
use super::theme::ThemeToggle;
use super::user_name::UserNameButton;
use crate::live::Live;
use crate::reactive::{RwSignal, Show, view};
use crate::{api, format};

/// How often the number of dead deliveries is asked for.
const DEAD_INTERVAL: Duration = Duration::from_secs(10);

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
    let link = move |to: Page| {
        view! {
            <a
                class="header__link"
                href=to.path()
                rel="external"
                aria-current=(page == to).then_some("page")
            >
                {to.label()}
                {(to == Page::Deliveries).then(|| view! { <DeadBadge dead /> })}
            </a>
        }
    };
    view! {
        <header class="header">
            // Each page holds its own connection and loads its own data, so going
            // from one to the other is a plain link.
            <a class="header__brand" href=Page::Orders.path() rel="external">
                <Mark />
                <span>"Atomic Order Orchestrator"</span>
            </a>
            <nav class="header__nav" aria-label="Main">
                {Page::ALL.map(link).collect_view()}
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
                <UserNameButton />
                <Keys />
                <ThemeToggle />
            </div>
        </header>
    }
}

/// How many deliveries are dead, if any are.
#[component]
fn DeadBadge(
    /// Dead deliveries, as last counted.
    dead: RwSignal<u64>,
) -> impl IntoView {
    view! {
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
    }
}
