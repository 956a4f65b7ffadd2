//! The viewer of one delivery: a native `<dialog>`, which keeps the focus
//! inside and gives it back.

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;

use super::body::Body;
use super::facts::Facts;
use super::loaded::Loaded;
use super::payload_parts::{Foot, Notice, Payload};
use super::store::DeliveryStore;
use crate::api;
use crate::components::icons::Close;
use crate::reactive::{RwSignal, effect, follow, handler, memo, view};

/// Opens for the delivery in `store.opened`.
#[component]
pub fn PayloadModal(
    /// Holds the id of the delivery, and retries it.
    store: DeliveryStore,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    let loaded = RwSignal::new(Loaded::Nothing);
    let is_open = memo(move || store.opened.with(Option::is_some));
    effect(move || {
        let wanted = is_open.get();
        if let Some(dialog) = dialog.get() {
            if wanted && !dialog.open() {
                // Fails only when it is open already.
                let _ = dialog.show_modal();
            } else if !wanted && dialog.open() {
                dialog.close();
            }
        }
    });
    // Loaded again whenever its row in the list changes.
    let wanted = memo(move || {
        let id = store.opened.get()?;
        Some((id, store.state_and_attempts(id), store.retries.get()))
    });
    Effect::new(move |before: Option<Option<Uuid>>| {
        let id = wanted.with(|wanted| wanted.as_ref().map(|(id, ..)| *id));
        if before.flatten() != id {
            loaded.set(Loaded::Nothing);
        }
        if let Some(id) = id {
            load(store, id, loaded);
        }
        id
    });
    let summary = memo(move || loaded.with(|loaded| Some(loaded.delivery()?.summary.clone())));
    let body = memo(move || loaded.with(|loaded| loaded.delivery().map(Body::of)));
    let title = move || {
        let topic = summary.with(|summary| Some(summary.as_ref()?.topic.clone()));
        topic.unwrap_or_else(|| "Delivery".to_owned())
    };
    let facts = move || {
        let delivery = summary.get()?;
        let order = body.with(|body| body.as_ref()?.order.clone());
        Some(view! { <Facts delivery order /> })
    };
    view! {
        <dialog
            class="modal payload"
            aria-labelledby="payload-title"
            node_ref=dialog
            on:close=handler(move |_| store.open(None))
        >
            <header class="modal__head">
                <h2 class="modal__title" id="payload-title">{follow(title)}</h2>
                <button
                    type="button"
                    class="icon-button"
                    aria-label="Close"
                    on:click=handler(move |_| store.open(None))
                >
                    <Close />
                </button>
            </header>
            {follow(facts)}
            <Notice loaded />
            <Payload body />
            <Foot store loaded />
        </dialog>
    }
}

fn load(store: DeliveryStore, id: Uuid, loaded: RwSignal<Loaded>) {
    spawn_local(async move {
        let answer = api::delivery(id).await;
        // It was closed, another one was opened, or the page was left.
        if store.opened.try_get_untracked() != Some(Some(id)) {
            return;
        }
        match answer {
            Ok(delivery) => loaded.set(Loaded::Delivery(Box::new(delivery))),
            // An older state on the screen is better than an error in its place.
            Err(_) if loaded.with_untracked(|loaded| loaded.delivery().is_some()) => {}
            Err(problem) => loaded.set(Loaded::Failed(problem)),
        }
    });
}
