//! Status chips above the table.

use domain::orders::status::OrderStatus;
use domain::wire::OrderStats;
use leptos::prelude::*;

use super::list::Lists;
use super::store::OrderStore;
use super::view::View;
use crate::format;
use crate::reactive::{RwSignal, handler, memo, view};

/// One chip for each status, with the number of its orders.
#[component]
pub fn Filters(
    /// Filtered by the chips.
    store: OrderStore,
    /// Loads the filtered list.
    lists: Lists,
    /// The counts.
    stats: RwSignal<OrderStats>,
) -> impl IntoView {
    let chosen = memo(move || store.view.with(|view| view.status));
    let choose = move |status: Option<OrderStatus>| {
        let view = store.view.get_untracked();
        lists.open(View { status, ..view });
    };
    let chip = move |status: Option<OrderStatus>| {
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
                aria-pressed=move || (chosen.get() == status).to_string()
                on:click=handler(move |_| choose(status))
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
}
