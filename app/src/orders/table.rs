//! The table: a window on a list that may have a million rows. Only the rows in view
//! and a few more are drawn.

use std::ops::Range;

use chrono::{DateTime, Utc};
use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use leptos::web_sys;

use super::active_row::ActiveRow;
use super::columns::Columns;
use super::dom_order;
use super::list::Lists;
use super::measure;
use super::row::{OrderRow, row_id};
use super::row_navigation::destination;
use super::row_pool::{Placement, RowPool};
use super::scroll::Scroll;
use super::store::{OrderStore, Slot};
use super::user_activity::UserActivity;
use crate::reactive::{For, Memo, RwSignal, StoredValue, effect, follow, handler, memo, view};

/// Rows in the view until the browser has measured it.
const FIRST_ROWS: usize = 31;

/// The height of a row until it is measured, in pixels.
const ROW_HEIGHT: f64 = 48.0;

/// The view of the first rows, before the browser has measured anything.
#[expect(clippy::cast_precision_loss, reason = "a small number")]
pub fn first_scroll(rows: usize) -> Scroll {
    Scroll::new(rows, ROW_HEIGHT, FIRST_ROWS as f64 * ROW_HEIGHT)
}

/// The table.
#[component]
pub fn Table(
    /// The rows.
    store: OrderStore,
    /// Loads what comes into view.
    lists: Lists,
    /// Where the view is.
    scroll: RwSignal<Scroll>,
    /// Gets every pointer movement and key in the table.
    activity: UserActivity,
    /// The rows drawn.
    drawn: Memo<Range<usize>>,
    /// The time now, for ages.
    now: RwSignal<DateTime<Utc>>,
) -> impl IntoView {
    let frame = NodeRef::<html::Div>::new();
    let active = ActiveRow::new(store);
    let placements = memo(move || placements(store, drawn.get()));
    let pool = RowPool::new(store, &placements.get_untracked());
    let sorting = dom_order::Pending::new(None);
    let first = StoredValue::new(0);
    effect(move || {
        placements.with(|placements| {
            dom_order::free_focus(placements);
            pool.show(placements);
            let top = placements.first().map_or(0, |placement| placement.position);
            dom_order::sort_later(frame, sorting, top != first.get_value());
            first.set_value(top);
        });
    });
    let total = memo(move || store.window.with(super::window::Window::total));
    measure::keep_measured(frame, scroll, total);
    lists.keep_known(drawn);

    let to_top = move || {
        let top = scroll.try_update(|scroll| scroll.go_to(0.0)).unwrap_or(0.0);
        measure::scroll_to(frame, top);
    };
    Effect::new(move |before: Option<()>| {
        lists.opened.track();
        if before.is_some() {
            to_top();
        }
    });
    let on_scroll = move |_| {
        if let Some(top) = measure::scroll_top(frame) {
            scroll.update(|scroll| scroll.scrolled(top));
        }
    };
    let go = move |position: usize| {
        active.set(position);
        if let Some(top) = scroll
            .try_update(|scroll| scroll.reveal(position))
            .flatten()
        {
            measure::scroll_to(frame, top);
        }
    };
    let on_key = move |event: KeyboardEvent| {
        activity.record();
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        if event.key() == "Enter" {
            // On a button, Enter presses the button.
            let is_here = event_target::<web_sys::Element>(&event).tag_name() == "TABLE";
            if is_here && let Some(id) = active.id() {
                event.prevent_default();
                store.editing.set(Some(id));
            }
            return;
        }
        let rows = total.get_untracked();
        let at = active.position();
        let to = scroll.with_untracked(|scroll| destination(&event.key(), at, scroll, rows));
        if let Some(to) = to {
            event.prevent_default();
            go(to);
        }
    };
    let on_focus = move |_| {
        if active.position().is_none() {
            active.set(scroll.with_untracked(Scroll::seen).start);
        }
    };
    let descendant = move || {
        let id = active.id()?;
        let is_it = |placement: &Placement| placement.slot == Slot::Order(id);
        let is_drawn = placements.with(|placements| placements.iter().any(is_it));
        is_drawn.then(|| row_id(id))
    };
    // Roles are spelled out: rows are laid out as grids and cards, and browsers
    // then forget that this is a table.
    view! {
        <div
            class="grid-box"
            node_ref=frame
            on:scroll=handler(on_scroll)
            on:pointermove=handler(move |_| activity.record())
            on:pointerdown=handler(move |_| activity.record())
        >
            <table
                class="table"
                role="grid"
                aria-labelledby="orders-title"
                aria-rowcount=move || total.get() + 1
                aria-busy=move || lists.loading.get().to_string()
                aria-activedescendant=follow(descendant)
                tabindex="0"
                on:keydown=handler(on_key)
                on:focus=handler(on_focus)
            >
                <Columns store lists />
                <Rows store scroll pool active now />
            </table>
        </div>
    }
}

/// The rows drawn, in a body as tall as the whole list.
#[component]
fn Rows(
    store: OrderStore,
    scroll: RwSignal<Scroll>,
    pool: RowPool,
    active: ActiveRow,
    now: RwSignal<DateTime<Utc>>,
) -> impl IntoView {
    let height = memo(move || scroll.with(Scroll::height));
    let shift = memo(move || scroll.with(Scroll::shift));
    view! {
        <tbody
            class="table__body table__body--placed"
            role="rowgroup"
            style:height=move || format!("{}px", height.get())
        >
            <For
                each=move || pool.rows.get()
                key=|pooled| pooled.key.to_string()
                children=move |pooled| view! { <OrderRow pooled store active shift now /> }
            />
        </tbody>
    }
}

/// What is drawn, position by position.
fn placements(store: OrderStore, drawn: Range<usize>) -> Vec<Placement> {
    let slots = store.slots(drawn.clone());
    let placement = |(position, slot)| Placement { position, slot };
    drawn.zip(slots).map(placement).collect()
}
