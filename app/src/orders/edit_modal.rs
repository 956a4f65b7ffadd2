//! The dialog around the edit form: a native `<dialog>`, which keeps the focus
//! inside and gives it back.

use leptos::html;
use leptos::prelude::*;

use super::edit_form::EditForm;
use super::store::OrderStore;

/// Opens for the order in `store.editing`.
#[component]
pub fn EditModal(
    /// Says which order, and gets the result.
    store: OrderStore,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    let row = Memo::new_with_compare(
        move |_| store.editing.get().and_then(|id| store.row(id)),
        |before, now| {
            let id = |row: Option<&Option<super::store::Row>>| {
                let row = row?.as_ref()?;
                Some(row.order.with_untracked(|order| order.id))
            };
            id(before) != id(now)
        },
    );
    Effect::new(move || {
        let wanted = row.with(Option::is_some);
        if let Some(dialog) = dialog.get() {
            if wanted && !dialog.open() {
                // Fails only when it is open already.
                let _ = dialog.show_modal();
            } else if !wanted && dialog.open() {
                dialog.close();
            }
        }
    });
    view! {
        <dialog
            class="modal"
            aria-labelledby="edit-title"
            node_ref=dialog
            on:close=move |_| store.editing.set(None)
        >
            {move || row.get().map(|row| view! { <EditForm row store /> })}
        </dialog>
    }
    .into_any()
}
