//! The table of orders, and what stands in its place.

use chrono::{DateTime, Utc};
use domain::api::OrderStats;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::empty::Empty;
use super::filters::Filters;
use super::row::OrderRow;
use super::store::OrderStore;
use crate::components::toasts::use_toasts;
use crate::{api, format};

/// The panel with the list of orders.
#[component]
pub fn OrdersPanel(
    /// The rows.
    store: OrderStore,
    /// Key figures, for the counts on the filters.
    stats: RwSignal<OrderStats>,
    /// The time now, for ages.
    now: RwSignal<DateTime<Utc>>,
) -> impl IntoView {
    let is_empty = Memo::new(move |_| store.keys.with(Vec::is_empty));
    view! {
        <section class="panel orders" aria-labelledby="orders-title">
            <div class="panel__head">
                <h1 class="panel__title" id="orders-title">"Orders"</h1>
                <span class="panel__count" data-testid="order-count">
                    {move || format::count(store.total.get())}
                </span>
                <Filters store stats />
            </div>
            <Show when=move || !is_empty.get() fallback=move || view! { <Empty store /> }>
                <Table store now />
                <LoadOlder store />
            </Show>
        </section>
    }
    .into_any()
}

#[component]
fn Table(store: OrderStore, now: RwSignal<DateTime<Utc>>) -> impl IntoView {
    let rows = move || {
        let keys = store.keys.get();
        keys.into_iter()
            .filter_map(|(_, id)| store.row(id).map(|row| (id, row)))
            .collect::<Vec<_>>()
    };
    // Roles are spelled out: on a phone the rows become cards, and browsers
    // then forget that this is a table.
    view! {
        <div class="table-wrap" tabindex="0" role="region" aria-label="Orders table">
            <table class="table" role="table">
                <thead role="rowgroup">
                    <tr role="row">
                        <th role="columnheader" scope="col">"Order"</th>
                        <th role="columnheader" scope="col">"Customer"</th>
                        <th role="columnheader" scope="col">"Status"</th>
                        <th role="columnheader" scope="col" class="table__num">"Total"</th>
                        <th role="columnheader" scope="col" class="table__num">"Shipping"</th>
                        <th role="columnheader" scope="col">"Tracking"</th>
                        <th role="columnheader" scope="col" class="table__num">"Items"</th>
                        <th role="columnheader" scope="col">"Updated"</th>
                        <th role="columnheader" scope="col">
                            <span class="visually-hidden">"Edit"</span>
                        </th>
                    </tr>
                </thead>
                <tbody role="rowgroup">
                    <For each=rows key=|(id, _)| *id let((_, row))>
                        <OrderRow row store now />
                    </For>
                </tbody>
            </table>
        </div>
    }
    .into_any()
}

/// Nine columns of skeleton, as tall as the rows that will replace it.
#[component]
pub fn TableSkeleton() -> impl IntoView {
    view! {
        <section class="panel orders" aria-busy="true">
            <div class="panel__head">
                <h1 class="panel__title">"Orders"</h1>
            </div>
            <div class="table-wrap">
                <table class="table">
                    <tbody>
                        {(0..10)
                            .map(|_| {
                                view! {
                                    <tr aria-hidden="true">
                                        <td colspan="9">
                                            <div class="skeleton"></div>
                                        </td>
                                    </tr>
                                }
                            })
                            .collect_view()}
                    </tbody>
                </table>
            </div>
        </section>
    }
}

#[component]
fn LoadOlder(store: OrderStore) -> impl IntoView {
    let toasts = use_toasts();
    let (loading, set_loading) = signal(false);
    let load = move |_| {
        set_loading.set(true);
        let query = store.next_query();
        let continues = query.cursor.is_some();
        spawn_local(async move {
            match api::orders(query).await {
                Ok(page) if continues => store.append(page),
                Ok(page) => store.replace(page),
                Err(problem) => {
                    toasts.error(format!("Older orders did not load. {}", problem.title));
                }
            }
            set_loading.set(false);
        });
    };
    view! {
        <Show when=move || store.has_more.get()>
            <div class="panel__foot">
                <button type="button" class="button" disabled=loading on:click=load>
                    {move || if loading.get() { "Loading…" } else { "Load older orders" }}
                </button>
            </div>
        </Show>
    }
}
