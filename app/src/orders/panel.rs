//! The panel with the list of orders: its head, and the table or the empty state.

use chrono::{DateTime, Utc};
use domain::wire::OrderStats;
use leptos::prelude::*;

use super::announce::Announcer;
use super::columns::SortChoice;
use super::empty::Empty;
use super::filters::Filters;
use super::list::Lists;
use super::scroll::Scroll;
use super::search::Search;
use super::store::OrderStore;
use super::table::Table;
use super::user_activity::UserActivity;
use super::window::Window;
use crate::format;
use crate::reactive::{Memo, RwSignal, Show, follow, handler, memo, view};

/// The panel.
#[component]
pub fn OrdersPanel(
    /// The rows.
    store: OrderStore,
    /// Loads them.
    lists: Lists,
    /// Where the view is.
    scroll: RwSignal<Scroll>,
    /// Gets every pointer movement and key in the table.
    activity: UserActivity,
    /// The rows drawn.
    drawn: Memo<std::ops::Range<usize>>,
    /// Order stats, for the counts on the filters.
    stats: RwSignal<OrderStats>,
    /// The time now, for ages.
    now: RwSignal<DateTime<Utc>>,
) -> impl IntoView {
    let total = memo(move || store.window.with(Window::total));
    let is_empty = memo(move || total.get() == 0);
    let count = move || {
        let more = if store.is_estimate.get() { "+" } else { "" };
        format!("{}{more}", format::count(total.get()))
    };
    view! {
        <section class="panel orders" aria-labelledby="orders-title">
            <div class="panel__head">
                <h1 class="panel__title" id="orders-title">"Orders"</h1>
                <span class="panel__count" data-testid="order-count">{follow(count)}</span>
                <Search store lists />
                <Filters store lists stats />
                <SortChoice store lists />
                <NewOrders store lists />
            </div>
            <Announcer store />
            <Show when=move || !is_empty.get() fallback=move || view! { <Empty store lists /> }>
                <Table store lists scroll activity drawn now />
            </Show>
        </section>
    }
}

/// A button that shows how many new orders are held back, and inserts them.
#[component]
fn NewOrders(store: OrderStore, lists: Lists) -> impl IntoView {
    let text = move || {
        store
            .new_orders
            .with(|orders| super::announce::new_orders(orders.len()))
    };
    view! {
        <Show when=move || store.new_orders.with(|orders| !orders.is_empty())>
            <button
                type="button"
                class="new-orders"
                aria-keyshortcuts="n"
                on:click=handler(move |_| lists.reload())
            >
                {follow(text)}
            </button>
        </Show>
    }
}

/// Placeholder rows, as tall as those that will replace them.
#[component]
pub fn PanelSkeleton() -> impl IntoView {
    view! {
        <section class="panel orders" aria-busy="true">
            <div class="panel__head">
                <h1 class="panel__title">"Orders"</h1>
            </div>
            <div class="grid-box">
                <table class="table">
                    <thead class="table__head"></thead>
                    <tbody class="table__body table__body--placed">
                        {(0..12)
                            .map(|position| {
                                view! { <super::row::GapRow position /> }
                            })
                            .collect_view()}
                    </tbody>
                </table>
            </div>
        </section>
    }
}
