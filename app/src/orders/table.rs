//! The table: a window on a list that may have a million rows. Only what is
//! seen is drawn.

use std::ops::Range;

use chrono::{DateTime, Utc};
use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use leptos::web_sys;

use super::active::Active;
use super::columns::Columns;
use super::dom_order;
use super::hands::Hands;
use super::list::Lists;
use super::measure;
use super::moves::destination;
use super::row::{OrderRow, row_id};
use super::scroll::Scroll;
use super::seats::{Place, Seats};
use super::store::{OrderStore, Slot};
use crate::shared::{For, Memo, RwSignal, StoredValue, effect, follow, handler, memo, view};

/// Rows of the view before the browser has measured anything.
const FIRST_ROWS: usize = 31;

/// The height of a row until it is measured, in pixels.
const ROW_HEIGHT: f64 = 48.0;

/// A view on the first rows, before anything was measured.
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
    /// Told when somebody is at work here.
    hands: Hands,
    /// The rows drawn.
    drawn: Memo<Range<usize>>,
    /// The time now, for ages.
    now: RwSignal<DateTime<Utc>>,
) -> impl IntoView {
    let frame = NodeRef::<html::Div>::new();
    let active = Active::new(store);
    let places = memo(move || places(store, drawn.get()));
    let seats = Seats::new(store, &places.get_untracked());
    let sorting = dom_order::Pending::new(None);
    let first = StoredValue::new(0);
    effect(move || {
        places.with(|places| {
            dom_order::free_focus(places);
            seats.show(places);
            let top = places.first().map_or(0, |place| place.position);
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
        hands.moved();
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        if event.key() == "Enter" {
            // On a button, it presses the button.
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
        let is_it = |place: &Place| place.slot == Slot::Order(id);
        let is_drawn = places.with(|places| places.iter().any(is_it));
        is_drawn.then(|| row_id(id))
    };
    // Roles are spelled out: rows are laid out as grids and cards, and browsers
    // then forget that this is a table.
    view! {
        <div
            class="grid-box"
            node_ref=frame
            on:scroll=handler(on_scroll)
            on:pointermove=handler(move |_| hands.moved())
            on:pointerdown=handler(move |_| hands.moved())
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
                <Rows store scroll seats active now />
            </table>
        </div>
    }
}

/// The rows drawn, in a body as tall as the whole list.
#[component]
fn Rows(
    store: OrderStore,
    scroll: RwSignal<Scroll>,
    seats: Seats,
    active: Active,
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
                each=move || seats.rows.get()
                key=|seat| seat.key.to_string()
                children=move |seat| view! { <OrderRow seat store active shift now /> }
            />
        </tbody>
    }
}

/// What is drawn, place by place.
fn places(store: OrderStore, drawn: Range<usize>) -> Vec<Place> {
    let slots = store.slots(drawn.clone());
    let place = |(position, slot)| Place { position, slot };
    drawn.zip(slots).map(place).collect()
}
