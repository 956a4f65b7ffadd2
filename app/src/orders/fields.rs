//! The parts of the edit form: the fields to edit, and the facts to read.

use domain::orders::draft::Field;
use domain::orders::edit::{MAX_NOTES, MAX_TRACKING_NUMBER};
use domain::orders::status::OrderStatus;
use domain::wire::Order;
use leptos::prelude::*;

use super::edit_machine::Event;
use super::editing::{Editing, FIRST_FIELD};
use crate::format;
use crate::reactive::{RwSignal, follow, handler, view};

/// The fields that a person may change.
#[component]
pub fn Fields(
    /// The state of the form.
    editing: Editing,
) -> impl IntoView {
    let value = move |field: Field| {
        follow(move || editing.with(|state| state.draft().get(field).to_owned()))
    };
    let error = move |field: Field| editing.with(|state| state.error(field).map(ToOwned::to_owned));
    let type_in = move |field: Field| {
        handler(move |event| editing.send(Event::Typed(field, event_target_value(&event))))
    };
    let invalid = move |field: Field| follow(move || error(field).map(|_| "true"));
    let dirty = move |field: Field| {
        follow(move || editing.with(|state| state.draft().dirty().contains(&field)))
    };
    let error_text = move |field: Field, id: &'static str| {
        view! {
            <p class="field__error" id=id>
                {move || error(field)}
            </p>
        }
    };
    let options = OrderStatus::ALL.map(|status| {
        let is_current = editing
            .state
            .with_untracked(|state| state.draft().get(Field::Status) == status.as_str());
        view! {
            <option value=status.as_str() selected=is_current>
                {status.label()}
            </option>
        }
    });
    view! {
        <div class="field" class:field--dirty=dirty(Field::Status)>
            <label class="field__label" for="edit-status">
                "Status"
            </label>
            <select
                class="field__input"
                id=FIRST_FIELD
                autofocus
                aria-invalid=invalid(Field::Status)
                aria-describedby="edit-status-error"
                prop:value=value(Field::Status)
                on:change=type_in(Field::Status)
            >
                {options.collect_view()}
            </select>
            {error_text(Field::Status, "edit-status-error")}
        </div>
        <div class="field" class:field--dirty=dirty(Field::TrackingNumber)>
            <label class="field__label" for="edit-tracking">
                "Tracking number"
            </label>
            <input
                class="field__input"
                id="edit-tracking"
                autocomplete="off"
                maxlength=MAX_TRACKING_NUMBER
                aria-invalid=invalid(Field::TrackingNumber)
                aria-describedby="edit-tracking-error"
                prop:value=value(Field::TrackingNumber)
                on:input=type_in(Field::TrackingNumber)
            />
            {error_text(Field::TrackingNumber, "edit-tracking-error")}
        </div>
        <div class="field field--wide" class:field--dirty=dirty(Field::Notes)>
            <label class="field__label" for="edit-notes">
                "Notes"
            </label>
            <textarea
                class="field__input"
                id="edit-notes"
                rows="3"
                maxlength=MAX_NOTES
                placeholder="Only your team sees these"
                aria-invalid=invalid(Field::Notes)
                aria-describedby="edit-notes-error"
                prop:value=value(Field::Notes)
                on:input=type_in(Field::Notes)
            ></textarea>
            {error_text(Field::Notes, "edit-notes-error")}
        </div>
    }
}

/// The values owned by the channel, which a person cannot change.
#[component]
pub fn Facts(
    /// The order, as last received.
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
            {fact(
                "Customer",
                |order| {
                    let customer = order.customer.clone();
                    let parts = customer.map(|customer| [customer.name, customer.email]);
                    let parts: Vec<_> = parts.into_iter().flatten().flatten().collect();
                    if parts.is_empty() { "Not known".to_owned() } else { parts.join(", ") }
                },
            )} {fact("Total", |order| format::money(&order.total, &order.currency))}
            {fact("Items", |order| format::count(order.item_count))}
            {fact("Placed", |order| format::moment(order.placed_at))}
            {fact(
                "Shopify status",
                |order| {
                    let or = |value: &Option<String>, none: &str| {
                        value.as_deref().map_or_else(|| none.to_owned(), format::words)
                    };
                    format!(
                        "{}, {}",
                        or(&order.financial_status, "payment unknown"),
                        or(&order.fulfillment_status, "unfulfilled"),
                    )
                },
            )}
        </dl>
    }
}
