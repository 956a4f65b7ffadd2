//! The shops whose webhooks are taken: a button, and a dialog.

use leptos::ev::Event;
use leptos::html;
use leptos::prelude::*;

use super::shop_line::Line;
use super::shop_list::Listed;
use super::shop_store::{AGAIN, CLOSE, ShopStore};
use super::store::DeliveryStore;
use crate::components::icons::Close;
use crate::components::keys::focus;
use crate::reactive::{For, Show, follow, handler, memo, view};

/// The button, and the dialog it opens. Nothing is loaded before.
#[component]
pub fn Shops(
    /// The list of deliveries, which a removal changes.
    store: DeliveryStore,
) -> impl IntoView {
    let shops = ShopStore::new(store);
    let dialog = NodeRef::<html::Dialog>::new();
    let open = move |_| {
        if let Some(dialog) = dialog.get_untracked() {
            // Fails only when it is open already.
            let _ = dialog.show_modal();
            shops.load();
        }
    };
    let close = move |_| {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    };
    // The first Escape closes the question, the second one the dialog.
    let cancel = move |event: Event| {
        let is_asked = shops.asked.with_untracked(Option::is_some);
        if is_asked && !shops.removing.get_untracked() {
            event.prevent_default();
            shops.keep();
        }
    };
    view! {
        <button type="button" class="button" on:click=handler(open)>
            "Shops"
        </button>
        <dialog
            class="modal modal--small shops"
            aria-labelledby="shops-title"
            node_ref=dialog
            on:cancel=handler(cancel)
            on:close=handler(move |_| shops.asked.set(None))
        >
            <header class="modal__head">
                <h2 class="modal__title" id="shops-title">
                    "Shops"
                </h2>
                <button
                    type="button"
                    class="icon-button"
                    id=CLOSE
                    aria-label="Close"
                    on:click=handler(close)
                >
                    <Close />
                </button>
            </header>
            <p>
                "Webhooks of these shops are taken. A new shop gets in with its first signed \
                 webhook, at most 20 an hour."
            </p>
            <List shops />
        </dialog>
    }
}

#[component]
fn List(shops: ShopStore) -> impl IntoView {
    let note = move || shops.listed.with(Listed::note);
    let is_missing = memo(move || {
        shops
            .listed
            .with(|listed| matches!(listed, Listed::Failed(_)))
    });
    let load_again = move |_| {
        // The button disappears.
        focus(CLOSE);
        shops.load();
    };
    view! {
        <p
            class="shops__note"
            role="status"
            data-kind=move || is_missing.get().then_some("error")
        >
            {follow(note)}
        </p>
        <Show when=move || is_missing.get()>
            <button type="button" class="button" id=AGAIN on:click=handler(load_again)>
                "Try again"
            </button>
        </Show>
        <ul class="shops__list">
            <For
                each=move || shops.listed.with(|listed| listed.shops().to_vec())
                key=|shop| shop.shop.to_string()
                let(shop)
            >
                <Line shop shops />
            </For>
        </ul>
    }
}
