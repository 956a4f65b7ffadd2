//! The parts of the viewer below the facts.

use leptos::prelude::*;

use super::body::Body;
use super::clipboard::copy;
use super::loaded::Loaded;
use super::store::DeliveryStore;
use crate::reactive::{Memo, RwSignal, Show, follow, handler, memo, view};

/// The reason why it failed, or why it did not load.
#[component]
pub fn Notice(
    /// The delivery.
    loaded: RwSignal<Loaded>,
) -> impl IntoView {
    let notice = memo(move || loaded.with(Loaded::notice));
    view! {
        <div
            class="modal__notice"
            role="status"
            data-kind=move || notice.with(|notice| notice.as_ref().map(|(kind, _)| *kind))
        >
            {move || notice.with(|notice| notice.as_ref().map(|(_, text)| text.clone()))}
        </div>
    }
}

/// The payload itself.
#[component]
pub fn Payload(
    /// The payload to show.
    body: Memo<Option<Body>>,
) -> impl IntoView {
    follow(move || {
        let Body { text, note, .. } = body.get()?;
        let note = note.map(|note| view! { <p class="payload__note">{note}</p> });
        let text = text.map(|text| {
            view! {
                <pre class="payload__body" tabindex="0" role="region" aria-label="Payload">
                    {text}
                </pre>
            }
        });
        Some(view! { {note} {text} })
    })
}

/// The actions for the delivery.
#[component]
pub fn Foot(
    /// Retries it, and closes the viewer.
    store: DeliveryStore,
    /// The delivery.
    loaded: RwSignal<Loaded>,
) -> impl IntoView {
    let can_retry = memo(move || loaded.with(Loaded::can_be_retried));
    let has_payload = memo(move || loaded.with(|loaded| loaded.payload().is_some()));
    let is_missing = memo(move || loaded.with(|loaded| matches!(loaded, Loaded::Failed(_))));
    let copy_payload = move |_| {
        if let Some(text) = loaded.with_untracked(|loaded| loaded.payload().cloned()) {
            copy(text, "Payload", store.toasts);
        }
    };
    let retry = move |_| {
        if let Some(id) = store.opened.get_untracked() {
            store.retry(id);
        }
    };
    view! {
        <footer class="modal__foot">
            <div class="modal__actions">
                <Show when=move || is_missing.get()>
                    <button
                        type="button"
                        class="button"
                        on:click=handler(move |_| store.retries.update(|count| *count += 1))
                    >
                        "Try again"
                    </button>
                </Show>
                <button
                    type="button"
                    class="button"
                    disabled=move || !has_payload.get()
                    on:click=handler(copy_payload)
                >
                    "Copy payload"
                </button>
                <Show when=move || can_retry.get()>
                    <button
                        type="button"
                        class="button"
                        disabled=move || store.retrying.get()
                        on:click=handler(retry)
                    >
                        {move || if store.retrying.get() { "Retrying…" } else { "Retry" }}
                    </button>
                </Show>
                <button
                    type="button"
                    class="button button--primary"
                    on:click=handler(move |_| store.open(None))
                >
                    "Close"
                </button>
            </div>
        </footer>
    }
}
