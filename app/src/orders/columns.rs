//! The header row: the names of the columns and the sort order.

use domain::wire::OrderSort;
use leptos::prelude::*;

use super::list::Lists;
use super::store::OrderStore;
use super::view::View;
use crate::components::icons::Arrow;
use crate::reactive::{follow, handler, memo, view};

/// The header row.
#[component]
pub fn Columns(
    /// The list.
    store: OrderStore,
    /// Sorts it.
    lists: Lists,
) -> impl IntoView {
    use OrderSort::{
        PlacedAscending, PlacedDescending, TotalAscending, TotalDescending, UpdatedAscending,
        UpdatedDescending,
    };
    let sort = memo(move || store.view.with(|view| view.sort));
    let sorted = move |name: &'static str, class: &'static str, by: [OrderSort; 2]| {
        let state = move || match sort.get() {
            sort if !by.contains(&sort) => "none",
            sort if sort.is_descending() => "descending",
            _ => "ascending",
        };
        let choose = move |_| {
            let view = store.view.get_untracked();
            let next = if view.sort == by[0] { by[1] } else { by[0] };
            lists.open(View { sort: next, ..view });
        };
        view! {
            <th role="columnheader" scope="col" class=class aria-sort=follow(state)>
                <button type="button" class="sort" on:click=handler(choose)>
                    {name}
                    <Arrow />
                </button>
            </th>
        }
    };
    let plain = |name: &'static str, class: &'static str| {
        view! {
            <th role="columnheader" scope="col" class=class>
                {name}
            </th>
        }
    };
    view! {
        <thead class="table__head" role="rowgroup">
            <tr role="row" aria-rowindex="1">
                // People tell the age of an order by its name.
                {sorted("Order", "cell--order", [PlacedDescending, PlacedAscending])}
                {plain("Customer", "cell--customer")} {plain("Status", "cell--status")}
                {sorted("Total", "cell--total table__num", [TotalDescending, TotalAscending])}
                {plain("Shipping", "cell--shipping table__num")}
                {plain("Tracking", "cell--tracking")}
                {plain("Items", "cell--items table__num")}
                {sorted("Updated", "cell--updated", [UpdatedDescending, UpdatedAscending])}
                <th role="columnheader" scope="col" class="cell--actions">
                    <span class="visually-hidden">"Edit"</span>
                </th>
            </tr>
        </thead>
    }
}

/// The sort order as a select: on phones there is no header row.
#[component]
pub fn SortChoice(
    /// The list.
    store: OrderStore,
    /// Sorts it.
    lists: Lists,
) -> impl IntoView {
    let choose = move |event| {
        if let Some(sort) = OrderSort::parse(&event_target_value(&event)) {
            let view = store.view.get_untracked();
            lists.open(View { sort, ..view });
        }
    };
    let options = OrderSort::ALL.map(|sort| {
        view! {
            <option
                value=sort.as_str()
                selected=sort == store.view.with_untracked(|view| view.sort)
            >
                {label(sort)}
            </option>
        }
    });
    view! {
        <select
            class="field__input sort-choice"
            aria-label="Sort"
            prop:value=move || store.view.with(|view| view.sort.as_str())
            on:change=handler(choose)
        >
            {options.collect_view()}
        </select>
    }
}

const fn label(sort: OrderSort) -> &'static str {
    match sort {
        OrderSort::PlacedDescending => "Newest first",
        OrderSort::PlacedAscending => "Oldest first",
        OrderSort::UpdatedDescending => "Changed last",
        OrderSort::UpdatedAscending => "Changed first",
        OrderSort::TotalDescending => "Largest total",
        OrderSort::TotalAscending => "Smallest total",
        OrderSort::NameDescending => "Name, Z to A",
        OrderSort::NameAscending => "Name, A to Z",
    }
}
