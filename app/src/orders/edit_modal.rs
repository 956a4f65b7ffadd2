//! The dialog around the edit form: a native `<dialog>`, which keeps the focus
//! inside and gives it back.

use chrono::{DateTime, Utc};
use leptos::ev::{self, KeyboardEvent};
use leptos::html;
use leptos::prelude::*;

use super::dom_order::free_focus_after;
use super::edit_form::EditForm;
use super::edit_machine::Event;
use super::editing::Editing;
use super::store::OrderStore;
use crate::live::Live;
use crate::reactive::{RwSignal, StoredValue, effect, handler, view};

/// Opens for the order in `store.editing`.
#[component]
pub fn EditModal(
    /// Holds the id of the order to edit, and gets the saved order.
    store: OrderStore,
    /// Sends the presence, and delays saves while it is down.
    live: Live,
    /// The time now, for ages.
    now: RwSignal<DateTime<Utc>>,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    let open_form = RwSignal::new(None::<Editing>);
    #[expect(clippy::disallowed_types, reason = "ours compares by equality only")]
    let row = Memo::new_with_compare(
        move |_| store.editing.get().and_then(|id| store.row(id)),
        |before, now| {
            let id = |row: Option<&Option<super::row_state::Row>>| Some(row?.as_ref()?.id);
            id(before) != id(now)
        },
    );
    let edited = StoredValue::new(None);
    effect(move || {
        let order = row.with(|row| row.as_ref().map(|row| row.id));
        let wanted = order.is_some();
        if let Some(dialog) = dialog.get() {
            if wanted && !dialog.open() {
                // Fails only when it is open already.
                let _ = dialog.show_modal();
            } else if !wanted && dialog.open() {
                dialog.close();
                if let Some(order) = edited.get_value() {
                    free_focus_after(order);
                }
            }
        }
        edited.set_value(order);
    });
    let ask = move || {
        if let Some(editing) = open_form.get_untracked() {
            editing.send(Event::CloseRequested);
        }
    };
    // Otherwise the browser closes the dialog by itself, even with unsaved changes. The
    // listener is on the window: when the focused button is removed, keys go to the page
    // instead of the dialog.
    effect(move || {
        let handle = window_event_listener(ev::keydown, move |event: KeyboardEvent| {
            let is_open = dialog.get_untracked().is_some_and(|dialog| dialog.open());
            if is_open && event.key() == "Escape" {
                event.prevent_default();
                ask();
            }
        });
        on_cleanup(move || handle.remove());
    });
    view! {
        <dialog
            class="modal"
            aria-labelledby="edit-title"
            node_ref=dialog
            on:cancel=handler(move |event: ev::Event| {
                event.prevent_default();
                ask();
            })
            on:close=handler(move |_| store.editing.set(None))
        >
            {move || row.get().map(|row| view! { <EditForm row store live now open_form /> })}
        </dialog>
    }
}
