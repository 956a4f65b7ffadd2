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
use super::hands::Hands;
use super::list::Lists;
use super::measure;
use super::moves::destination;
use super::row::{GapRow, OrderRow};
use super::scroll::Scroll;
use super::store::{OrderStore, Slot};
use crate::shared::{Memo, RwSignal, follow, handler, memo, view};

/// Rows drawn before the browser has measured anything.
const FIRST_ROWS: usize = 40;

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
    let slots = memo(move || store.slots(drawn.get()));
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
        let is_drawn = slots.with(|slots| slots.contains(&Slot::Order(id)));
        is_drawn.then(|| format!("row-{id}"))
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
                <Rows store scroll drawn slots active now />
            </table>
        </div>
    }
}

/// The rows drawn, in a body as tall as the whole list.
#[component]
fn Rows(
    store: OrderStore,
    scroll: RwSignal<Scroll>,
    drawn: Memo<Range<usize>>,
    slots: Memo<Vec<Slot>>,
    active: Active,
    now: RwSignal<DateTime<Utc>>,
) -> impl IntoView {
    view! {
        <tbody
            class="table__body"
            role="rowgroup"
            style:height=move || format!("{}px", scroll.with(Scroll::height))
            style:padding-top=move || {
                format!("{}px", scroll.with(|scroll| scroll.drawn_at(drawn.get().start)))
            }
        >
            <ForEnumerate
                each=move || slots.get()
                key=|slot| *slot
                children=move |index, slot| {
                    let position = Signal::derive(move || drawn.get().start + index.get());
                    match slot {
                        Slot::Order(id) => match store.row(id) {
                            Some(row) => {
                                view! { <OrderRow row store active position now /> }
                            }
                            None => view! { <GapRow position /> },
                        },
                        Slot::Gap(_) => view! { <GapRow position /> },
                    }
                }
            />
        </tbody>
    }
}
