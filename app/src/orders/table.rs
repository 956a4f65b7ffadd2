//! The table: a window on a list that may have a million rows. Only what is
//! seen is drawn.

use std::ops::Range;

use chrono::{DateTime, Utc};
use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;

use super::active::Active;
use super::columns::Columns;
use super::hands::Hands;
use super::list::Lists;
use super::measure;
use super::row::{GapRow, OrderRow};
use super::scroll::Scroll;
use super::store::{OrderStore, Slot};

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
    let slots = Memo::new(move |_| store.slots(drawn.get()));
    let total = Memo::new(move |_| store.window.with(super::window::Window::total));
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
            if let Some(id) = active.id() {
                event.prevent_default();
                store.editing.set(Some(id));
            }
            return;
        }
        let last = total.get_untracked().saturating_sub(1);
        let at = active.position();
        let page = scroll.with_untracked(Scroll::page);
        let to = match (event.key().as_str(), at) {
            ("ArrowDown" | "ArrowUp" | "PageDown" | "PageUp", None) => {
                scroll.with_untracked(Scroll::seen).start
            }
            ("ArrowDown", Some(at)) => at + 1,
            ("ArrowUp", Some(at)) => at.saturating_sub(1),
            ("PageDown", Some(at)) => at + page,
            ("PageUp", Some(at)) => at.saturating_sub(page),
            ("Home", _) => 0,
            ("End", _) => last,
            _ => return,
        };
        event.prevent_default();
        go(to.min(last));
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
            on:scroll=on_scroll
            on:pointermove=move |_| hands.moved()
            on:pointerdown=move |_| hands.moved()
        >
            <table
                class="table"
                role="grid"
                aria-labelledby="orders-title"
                aria-rowcount=move || total.get() + 1
                aria-busy=move || lists.loading.get().to_string()
                aria-activedescendant=descendant
                tabindex="0"
                on:keydown=on_key
                on:focus=on_focus
            >
                <Columns store lists />
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
                                            .into_any()
                                    }
                                    None => view! { <GapRow position /> }.into_any(),
                                },
                                Slot::Gap(_) => view! { <GapRow position /> }.into_any(),
                            }
                        }
                    />
                </tbody>
            </table>
        </div>
    }
    .into_any()
}
