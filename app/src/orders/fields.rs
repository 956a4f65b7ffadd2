//! The parts of the edit form: what to read, and what to change.

use domain::api::Order;
use domain::edit::{MAX_NOTES, MAX_TRACKING_NUMBER};
use domain::status::OrderStatus;
use leptos::prelude::*;

use super::draft::Draft;
use crate::format;

/// What a person may change.
#[component]
pub fn Fields(
    /// Follows what is typed.
    draft: Draft,
) -> impl IntoView {
    view! {
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
    }
}

/// What the channel says: to read, not to change.
#[component]
pub fn Facts(
    /// The order, live.
    order: RwSignal<Order>,
) -> impl IntoView {
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
