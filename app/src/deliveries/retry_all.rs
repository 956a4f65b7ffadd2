//! Retrying every dead delivery that matches, after a confirmation.

use leptos::html;
use leptos::prelude::*;

use super::at_least;
use super::store::DeliveryStore;
use crate::reactive::{Show, follow, handler, view};

/// The button, shown while any delivery is dead, and the dialog it opens.
#[component]
pub fn RetryAll(
    /// Counts the dead deliveries, and retries them.
    store: DeliveryStore,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    let ask = move |_| {
        if let Some(dialog) = dialog.get_untracked() {
            // Fails only when it is open already.
            let _ = dialog.show_modal();
        }
    };
    let close = move || {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    };
    let question = move || {
        let narrowed = store
            .filter
            .with(|filter| filter.topic.is_some() || filter.q.is_some());
        match store.stats.with(|stats| stats.dead) {
            _ if narrowed => "Retry all matching dead deliveries?".to_owned(),
            1 => "Retry 1 dead delivery?".to_owned(),
            dead => format!("Retry {} dead deliveries?", at_least(dead)),
        }
    };
    view! {
        <Show when=move || store.stats.with(|stats| stats.dead > 0)>
            <button
                type="button"
                class="button"
                disabled=move || store.retrying.get()
                on:click=handler(ask)
            >
                {move || if store.retrying.get() { "Retrying…" } else { "Retry all dead" }}
            </button>
        </Show>
        <dialog class="modal modal--small" aria-labelledby="retry-title" node_ref=dialog>
            <header class="modal__head">
                <h2 class="modal__title" id="retry-title">{follow(question)}</h2>
            </header>
            <p>
                "They become pending at once, as if never tried, oldest first. Whatever made them \
                 fail should be mended by now, or they will end up here again."
            </p>
            <footer class="modal__foot">
                <div class="modal__actions">
                    <button type="button" class="button" on:click=handler(move |_| close())>
                        "Cancel"
                    </button>
                    <button
                        type="button"
                        class="button button--primary"
                        on:click=handler(move |_| {
                            close();
                            store.retry_matching();
                        })
                    >
                        "Retry all"
                    </button>
                </div>
            </footer>
        </dialog>
    }
}
