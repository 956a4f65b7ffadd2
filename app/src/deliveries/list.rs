//! The panel with the table of deliveries, or its empty state.

use chrono::{DateTime, Utc};
use leptos::prelude::*;

use super::empty::{Empty, Failed};
use super::filters::{StateFilter, TopicFilter};
use super::retry_all::RetryAll;
use super::row::DeliveryRow;
use super::search::Search;
use super::shops::Shops;
use super::store::DeliveryStore;
use crate::reactive::{For, RwSignal, Show, handler, memo, view};

/// The content of the panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    Rows,
    Nothing,
    Failure,
}

/// The panel with the list of deliveries.
#[component]
pub fn DeliveriesPanel(
    /// The rows.
    store: DeliveryStore,
    /// The time now, for ages.
    now: RwSignal<DateTime<Utc>>,
) -> impl IntoView {
    let content = memo(move || {
        if store.problem.with(Option::is_some) {
            Content::Failure
        } else if store.rows.with(Vec::is_empty) {
            Content::Nothing
        } else {
            Content::Rows
        }
    });
    view! {
        <section class="panel deliveries" aria-labelledby="deliveries-title">
            <div class="panel__head">
                <h1 class="panel__title" id="deliveries-title">"Deliveries"</h1>
                <Search store />
                <TopicFilter store />
                <StateFilter store />
                <ShowNewer store />
                <RetryAll store />
                <Shops store />
            </div>
            <p class="visually-hidden" role="status">{move || store.announcement.get()}</p>
            {move || match content.get() {
                Content::Rows => view! { <Table store now /> <LoadOlder store /> },
                Content::Nothing => view! { <Empty store /> },
                Content::Failure => view! { <Failed store /> },
            }}
        </section>
    }
}

#[component]
fn Table(store: DeliveryStore, now: RwSignal<DateTime<Utc>>) -> impl IntoView {
    // Roles are spelled out: rows are laid out as grids, and browsers then
    // forget that this is a table.
    view! {
        <div
            class="grid-box"
            tabindex="0"
            role="region"
            aria-label="Deliveries table"
            node_ref=store.scroller
        >
            <table
                class="table table--deliveries"
                role="table"
                aria-busy=move || store.loading.get().to_string()
            >
                <thead class="table__head" role="rowgroup">
                    <tr role="row">
                        <th role="columnheader" scope="col">"Received"</th>
                        <th role="columnheader" scope="col">"Topic"</th>
                        <th role="columnheader" scope="col">"Shop"</th>
                        <th role="columnheader" scope="col">"State"</th>
                        <th role="columnheader" scope="col" class="table__num">"Failed"</th>
                        <th role="columnheader" scope="col">"Webhook id"</th>
                        <th role="columnheader" scope="col">"Note"</th>
                        <th role="columnheader" scope="col">
                            <span class="visually-hidden">"Actions"</span>
                        </th>
                    </tr>
                </thead>
                <tbody class="table__body" role="rowgroup">
                    <For each=move || store.rows.get() key=|row| row.id.to_string() let(row)>
                        <DeliveryRow row store now />
                    </For>
                </tbody>
            </table>
        </div>
    }
}

#[component]
fn LoadOlder(store: DeliveryStore) -> impl IntoView {
    view! {
        <Show when=move || store.has_more.get()>
            <div class="panel__foot">
                <button
                    type="button"
                    class="button"
                    disabled=move || store.loading.get()
                    on:click=handler(move |_| store.load_older())
                >
                    {move || if store.loading.get() { "Loading…" } else { "Load older deliveries" }}
                </button>
            </div>
        </Show>
    }
}

/// A button for newer deliveries: they are not inserted while a person reads further
/// down.
#[component]
fn ShowNewer(store: DeliveryStore) -> impl IntoView {
    let show = move |_| {
        if let Some(list) = store.scroller.get_untracked() {
            list.set_scroll_top(0);
        }
        window().scroll_to_with_x_and_y(0.0, 0.0);
        store.load();
    };
    view! {
        <Show when=move || store.has_newer.get()>
            <button type="button" class="new-orders" on:click=handler(show)>
                "Show new deliveries"
            </button>
        </Show>
    }
}
