//! The edit form: what a person may change, and the version it is based on.

use domain::api::{Order, Problem, UpdateOrder};
use domain::edit::{MAX_NOTES, MAX_TRACKING_NUMBER, OrderEdit};
use domain::status::OrderStatus;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::conflict::ConflictPanel;
use super::store::{OrderStore, Row};
use crate::components::icons::Close;
use crate::components::toasts::use_toasts;
use crate::format;

/// What the person has typed, on top of `base`.
#[derive(Clone, Copy)]
pub struct Draft {
    /// The order the edit began from, or was last refreshed to.
    pub base: RwSignal<Order>,
    /// Chosen status.
    pub status: RwSignal<OrderStatus>,
    /// Typed tracking number; empty is none.
    pub tracking: RwSignal<String>,
    /// Typed notes; empty is none.
    pub notes: RwSignal<String>,
}

impl Draft {
    fn new(order: Order) -> Self {
        let draft = Self {
            status: RwSignal::new(order.status),
            tracking: RwSignal::default(),
            notes: RwSignal::default(),
            base: RwSignal::new(order.clone()),
        };
        draft.reset(order);
        draft
    }

    /// Starts over from `order`.
    pub fn reset(&self, order: Order) {
        self.status.set(order.status);
        self.tracking.set(order.tracking_number.clone().unwrap_or_default());
        self.notes.set(order.notes.clone().unwrap_or_default());
        self.base.set(order);
    }

    /// What differs from the base: only that is sent.
    pub fn edit(&self) -> OrderEdit {
        let base = self.base.get();
        let changed = |typed: String, stored: Option<String>| {
            let typed = Some(typed).filter(|text| !text.is_empty());
            (typed != stored).then_some(typed)
        };
        let status = self.status.get();
        OrderEdit {
            status: (status != base.status).then_some(status),
            tracking_number: changed(self.tracking.get(), base.tracking_number),
            notes: changed(self.notes.get(), base.notes),
        }
    }
}

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
    let overtaken = Memo::new(move |_| {
        live.with(|order| order.version) > draft.base.with(|base| base.version)
    });

    let save = Callback::new(move |version: i64| {
        let update = UpdateOrder {
            version: Some(version),
            edit: draft.edit(),
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
        Some(problem) => Some(("error", problem.detail.unwrap_or(problem.title))),
        None if overtaken.get() => Some((
            "warning",
            "This order changed while you were editing. Your changes are kept.".to_owned(),
        )),
        None => None,
    };

    view! {
        <form class="modal__form" on:submit=submit>
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
            <div
                class="modal__notice"
                role="status"
                data-kind=move || notice().map(|(kind, _)| kind)
            >
                {move || notice().map(|(_, text)| text)}
            </div>
            <ConflictPanel problem draft save />
            <Facts order=live />
            <div class="field">
                <label class="field__label" for="edit-status">"Status"</label>
                <select
                    class="field__input"
                    id="edit-status"
                    autofocus
                    prop:value=move || draft.status.get().as_str()
                    on:change=move |event| {
                        if let Ok(status) = event_target_value(&event).parse() {
                            draft.status.set(status);
                        }
                    }
                >
                    {OrderStatus::ALL
                        .map(|status| view! {
                            <option
                                value=status.as_str()
                                selected=status == draft.status.get_untracked()
                            >
                                {status.label()}
                            </option>
                        })
                        .collect_view()}
                </select>
            </div>
            <div class="field">
                <label class="field__label" for="edit-tracking">"Tracking number"</label>
                <input
                    class="field__input"
                    id="edit-tracking"
                    autocomplete="off"
                    maxlength=MAX_TRACKING_NUMBER
                    prop:value=draft.tracking
                    on:input=move |event| draft.tracking.set(event_target_value(&event))
                />
            </div>
            <div class="field">
                <label class="field__label" for="edit-notes">"Notes"</label>
                <textarea
                    class="field__input"
                    id="edit-notes"
                    rows="3"
                    maxlength=MAX_NOTES
                    placeholder="Only your team sees these"
                    prop:value=draft.notes
                    on:input=move |event| draft.notes.set(event_target_value(&event))
                ></textarea>
            </div>
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
        </form>
    }
    .into_any()
}

/// What the channel says: to read, not to change.
#[component]
fn Facts(order: RwSignal<Order>) -> impl IntoView {
    let fact = move |name: &'static str, read: fn(&Order) -> String| {
        view! {
            <div class="facts__item">
                <dt>{name}</dt>
                <dd>{move || order.with(read)}</dd>
            </div>
        }
    };
    view! {
        <dl class="facts">
            {fact("Customer", |order| {
                let customer = order.customer.clone();
                let parts = customer.map(|customer| [customer.name, customer.email]);
                let parts: Vec<_> = parts.into_iter().flatten().flatten().collect();
                if parts.is_empty() { "Not known".to_owned() } else { parts.join(", ") }
            })}
            {fact("Total", |order| format::money(&order.total, &order.currency))}
            {fact("Items", |order| format::count(order.item_count))}
            {fact("Placed", |order| format::moment(order.placed_at))}
            {fact("Shopify status", |order| {
                let or = |value: &Option<String>, none: &str| {
                    value.as_deref().map_or_else(|| none.to_owned(), format::words)
                };
                format!(
                    "{}, {}",
                    or(&order.financial_status, "payment unknown"),
                    or(&order.fulfillment_status, "unfulfilled"),
                )
            })}
        </dl>
    }
}

#[cfg(feature = "hydrate")]
use crate::api::update_order;

/// Nobody clicks on the server.
#[cfg(not(feature = "hydrate"))]
async fn update_order(_: uuid::Uuid, _: UpdateOrder) -> Result<Order, Problem> {
    std::future::ready(Err(crate::api::unreachable_problem("not in a browser"))).await
}
