//! Status chips above the table.

use domain::api::OrderStats;
use domain::status::OrderStatus;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::store::OrderStore;
use crate::components::toasts::use_toasts;
use crate::{api, format};

/// One chip a status, with how many orders have it.
#[component]
pub fn Filters(
    /// Filtered by the chips.
    store: OrderStore,
    /// The counts.
    stats: RwSignal<OrderStats>,
) -> impl IntoView {
    let toasts = use_toasts();
    let choose = move |status: Option<OrderStatus>| {
        store.filter.set(status);
        let query = store.query();
        spawn_local(async move {
            let answer = api::orders(query).await;
            // Another chip was chosen while this was loading.
            if store.filter.get_untracked() != status {
                return;
            }
            match answer {
                Ok(page) => store.replace(page),
                Err(problem) => toasts.error(format!("The list did not load. {}", problem.title)),
            }
        });
    };
    let chip = move |status: Option<OrderStatus>| {
        let pressed = move || {
            if store.filter.get() == status {
                "true"
            } else {
                "false"
            }
        };
        let count = move || {
            stats.with(|stats| match status {
                Some(status) => stats.by_status.get(&status).copied().unwrap_or(0),
                None => stats.total_orders,
            })
        };
        view! {
            <button
                type="button"
                class="chip"
                aria-pressed=pressed
                on:click=move |_| choose(status)
            >
                {status.map_or("All", OrderStatus::label)}
                " "
                <span class="chip__count">{move || format::count(count())}</span>
            </button>
        }
    };
    view! {
        <div class="filters" role="group" aria-label="Filter by status">
            {chip(None)}
            {OrderStatus::ALL.map(|status| chip(Some(status))).collect_view()}
        </div>
    }
    .into_any()
}
