//! One row of the table.

use chrono::{DateTime, Utc};
use domain::api::Order;
use domain::status::OrderStatus;
use leptos::prelude::*;

use super::active::Active;
use super::cells::Cell;
use super::row_state::Row;
use super::store::OrderStore;
use crate::components::badge::Badge;
use crate::components::people::People;
use crate::format;
use crate::shared::{RwSignal, follow, handler, memo, view};

/// An order as a table row. Every cell follows the order's own signal.
#[component]
pub fn OrderRow(
    /// The order.
    row: Row,
    /// Told which order to edit.
    store: OrderStore,
    /// Whether this row is the active one.
    active: Active,
    /// Where it is in the list.
    position: Signal<usize>,
    /// The time now, for ages.
    now: RwSignal<DateTime<Utc>>,
) -> impl IntoView {
    let order = RwSignal::from(row.order);
    let saving = RwSignal::from(row.saving);
    let changed = RwSignal::from(row.changed);
    let left = RwSignal::from(row.left);
    let people = RwSignal::from(row.people);
    let id = order.with_untracked(|order| order.id);
    let text = move |read: fn(&Order) -> String| follow(move || order.with(read));
    let shows = move |cell: Cell| follow(move || changed.with(|changed| changed.has(cell)));
    let is_active = memo(move || active.id() == Some(id));
    // What is being saved shows as if it were saved already.
    let status = Signal::derive(move || -> OrderStatus {
        let edited = saving.with(|edit| edit.as_ref()?.status);
        edited.unwrap_or_else(|| order.with(|order| order.status))
    });
    let tracking = move || {
        let edited = saving.with(|edit| edit.as_ref()?.tracking_number.clone());
        edited.unwrap_or_else(|| order.with(|order| order.tracking_number.clone()))
    };
    let updated = move || format::age(order.with(|order| order.updated_at), now.get());
    view! {
        <tr
            class="row"
            class:row--active=move || is_active.get()
            class:row--new=shows(Cell::Row)
            class:row--saving=move || saving.with(Option::is_some)
            class:row--left=move || left.get()
            role="row"
            id=format!("row-{id}")
            aria-rowindex=move || position.get() + 2
            aria-selected=move || is_active.get().to_string()
            data-order=text(|order| order.shopify_order_id.to_string())
            data-status=move || status.get().as_str()
            data-version=text(|order| order.version.to_string())
            on:click=handler(move |_| active.set(position.get_untracked()))
            on:dblclick=handler(move |_| store.editing.set(Some(id)))
        >
            <td class="cell cell--order" role="gridcell">
                <strong>{text(|order| order.name.clone())}</strong>
                <span class="cell__sub" title=text(|order| order.shop.clone())>
                    {text(|order| order.shop.clone())}
                </span>
                <People people />
            </td>
            <td class="cell cell--customer" class:cell--flash=shows(Cell::Customer) role="gridcell">
                {text(customer)}
                <span class="cell__sub" title=text(email)>{text(email)}</span>
            </td>
            <td class="cell cell--status" class:cell--flash=shows(Cell::Status) role="gridcell">
                <Badge status />
            </td>
            <td
                class="cell cell--total table__num"
                class:cell--flash=shows(Cell::Total)
                role="gridcell"
            >
                {text(|order| format::money(&order.total, &order.currency))}
            </td>
            <td
                class="cell cell--shipping table__num"
                class:cell--flash=shows(Cell::Shipping)
                role="gridcell"
            >
                {text(|order| format::money(&order.shipping_fee, &order.currency))}
            </td>
            <td
                class="cell cell--tracking"
                class:cell--empty=move || tracking().is_none()
                class:cell--flash=shows(Cell::Tracking)
                role="gridcell"
                title=follow(tracking)
            >
                {move || tracking().unwrap_or_else(|| "–".to_owned())}
            </td>
            <td
                class="cell cell--items table__num"
                class:cell--flash=shows(Cell::Items)
                role="gridcell"
            >
                {text(|order| format::count(order.item_count))}
            </td>
            <td class="cell cell--updated" role="gridcell">
                <time datetime=text(|order| order.updated_at.to_rfc3339())>{follow(updated)}</time>
            </td>
            <td class="cell cell--actions" role="gridcell">
                <button
                    type="button"
                    class="button button--ghost button--small"
                    tabindex="-1"
                    aria-label=text(|order| format!("Edit order {}", order.name))
                    on:click=handler(move |_| store.editing.set(Some(id)))
                >
                    "Edit"
                </button>
            </td>
        </tr>
    }
}

/// A row that is not known yet.
#[component]
pub fn GapRow(
    /// Where it is in the list.
    position: Signal<usize>,
) -> impl IntoView {
    let cells = [
        "order", "customer", "status", "total", "shipping", "tracking", "items", "updated",
        "actions",
    ];
    view! {
        <tr class="row row--gap" role="row" aria-rowindex=move || position.get() + 2>
            {cells
                .map(|cell| {
                    view! {
                        <td class=format!("cell cell--{cell}") role="gridcell">
                            <span class="skeleton"></span>
                        </td>
                    }
                })
                .collect_view()}
        </tr>
    }
}

fn customer(order: &Order) -> String {
    let customer = order.customer.as_ref();
    let name = customer.and_then(|customer| customer.name.clone());
    name.unwrap_or_else(|| "No name".to_owned())
}

fn email(order: &Order) -> String {
    let customer = order.customer.as_ref();
    let email = customer.and_then(|customer| customer.email.clone());
    email.unwrap_or_default()
}
