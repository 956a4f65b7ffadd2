//! The edit form: what a person may change, and the version it is based on.

#[cfg(not(feature = "hydrate"))]
use domain::api::Order;
use domain::api::{Problem, UpdateOrder};
use domain::edit::OrderEdit;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::conflict::ConflictPanel;
use super::draft::Draft;
use super::fields::{Facts, Fields};
use super::store::{OrderStore, Row};
use crate::components::icons::Close;
use crate::components::toasts::use_toasts;

/// The form inside the dialog.
#[component]
pub fn EditForm(
    /// The order, live.
    row: Row,
    /// Gets the saved order.
    store: OrderStore,
) -> impl IntoView {
    let live = RwSignal::from(row.order);
    let draft = Draft::new(live.get_untracked());
    let dirty = Memo::new(move |_| draft.edit() != OrderEdit::default());
    let saving = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let toasts = use_toasts();

    // Untouched, the form follows the order. Touched, it keeps every
    // keystroke, and saving tells whether there is a conflict.
    Effect::new(move || {
        let news = live.get();
        let is_news = news.version > draft.base.with_untracked(|base| base.version);
        if is_news && !dirty.get_untracked() {
            draft.reset(news);
        }
    });
    let overtaken =
        Memo::new(move |_| live.with(|order| order.version) > draft.base.with(|base| base.version));

    let save = Callback::new(move |version: i64| {
        let update = UpdateOrder {
            version: Some(version),
            edit: draft.edit(),
            merge: None,
        };
        saving.set(true);
        problem.set(None);
        spawn_local(async move {
            match update_order(draft.base.get_untracked().id, update).await {
                Ok(order) => {
                    toasts.success(format!("Saved {}", order.name));
                    store.apply(vec![order]);
                    store.editing.set(None);
                }
                Err(refused) => {
                    if let Some(current) = &refused.current {
                        store.apply(vec![(**current).clone()]);
                    }
                    saving.set(false);
                    problem.set(Some(refused));
                }
            }
        });
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if dirty.get_untracked() && !saving.get_untracked() {
            save.run(draft.base.with_untracked(|base| base.version));
        }
    };
    let notice = move || match problem.get() {
        Some(problem) if problem.current.is_some() => None,
        Some(problem) if problem.status == 0 => Some((
            "error",
            "The server could not be reached. Nothing you typed is lost; try again.".to_owned(),
        )),
        Some(problem) => Some(("error", complaint(problem))),
        None if overtaken.get() => Some((
            "warning",
            "This order changed while you were editing. Your changes are kept.".to_owned(),
        )),
        None => None,
    };

    view! {
        <form class="modal__form" on:submit=submit>
            <FormHead draft store />
            <div
                class="modal__notice"
                role="status"
                data-kind=move || notice().map(|(kind, _)| kind)
            >
                {move || notice().map(|(_, text)| text)}
            </div>
            <ConflictPanel problem draft save />
            <Facts order=live />
            <Fields draft />
            <FormFoot dirty saving store />
        </form>
    }
    .into_any()
}

/// What the server said, in its own words: field by field if it did.
fn complaint(problem: Problem) -> String {
    let fields: Vec<_> = problem
        .errors
        .iter()
        .map(|error| error.message.as_str())
        .collect();
    if fields.is_empty() {
        problem.detail.unwrap_or(problem.title)
    } else {
        fields.join("; ")
    }
}

#[component]
fn FormHead(draft: Draft, store: OrderStore) -> impl IntoView {
    view! {
            <header class="modal__head">
                <h2 class="modal__title" id="edit-title">
                    {move || format!("Order {}", draft.base.with(|base| base.name.clone()))}
                </h2>
                <span class="modal__version">
                    {move || format!("Version {}", draft.base.with(|base| base.version))}
                </span>
                <button
                    type="button"
                    class="icon-button"
                    aria-label="Close"
                    on:click=move |_| store.editing.set(None)
                >
                    <Close />
                </button>
            </header>
    }
}

#[component]
fn FormFoot(dirty: Memo<bool>, saving: RwSignal<bool>, store: OrderStore) -> impl IntoView {
    view! {
            <footer class="modal__foot">
                <span class="modal__dirty">
                    {move || if dirty.get() { "Unsaved changes" } else { "" }}
                </span>
                <div class="modal__actions">
                    <button
                        type="button"
                        class="button"
                        on:click=move |_| store.editing.set(None)
                    >
                        "Cancel"
                    </button>
                    <button
                        type="submit"
                        class="button button--primary"
                        disabled=move || !dirty.get() || saving.get()
                    >
                        {move || if saving.get() { "Saving…" } else { "Save" }}
                    </button>
                </div>
            </footer>
    }
}

#[cfg(feature = "hydrate")]
use crate::api::update_order;

/// Nobody clicks on the server.
#[cfg(not(feature = "hydrate"))]
async fn update_order(_: uuid::Uuid, _: UpdateOrder) -> Result<Order, Problem> {
    std::future::ready(Err(crate::api::unreachable_problem("not in a browser"))).await
}
