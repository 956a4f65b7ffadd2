//! One row of the table.

use chrono::{DateTime, Utc};
use domain::api::Order;
use leptos::prelude::*;

use super::store::{OrderStore, Row};
use crate::components::badge::Badge;
use crate::format;

/// An order as a table row. Every cell follows the order's own signal.
#[component]
pub fn OrderRow(
    /// The order.
    row: Row,
    /// Told which order to edit.
    store: OrderStore,
    /// The time now, for ages.
    now: RwSignal<DateTime<Utc>>,
) -> impl IntoView {
    let order = RwSignal::from(row.order);
    let id = order.with_untracked(|order| order.id);
    let text = move |read: fn(&Order) -> String| move || order.with(read);
    let customer = text(|order| {
        let customer = order.customer.as_ref();
        customer
            .and_then(|customer| customer.name.clone())
            .unwrap_or_else(|| "No name".to_owned())
    });
    let email = text(|order| {
        let customer = order.customer.as_ref();
        customer
            .and_then(|customer| customer.email.clone())
            .unwrap_or_default()
    });
    let tracking = text(|order| {
        order
            .tracking_number
            .clone()
            .unwrap_or_else(|| "–".to_owned())
    });
    let updated = move || format::age(order.with(|order| order.updated_at), now.get());
    view! {
        <tr
            class="row"
            class:row--flash=flashes(RwSignal::from(row.changes))
            role="row"
            data-order=text(|order| order.shopify_order_id.to_string())
            data-status=text(|order| order.status.to_string())
            data-version=text(|order| order.version.to_string())
        >
            <td class="cell cell--order" role="cell">
                <strong>{text(|order| order.name.clone())}</strong>
                <span class="cell__sub" title=text(|order| order.shop.clone())>
                    {text(|order| order.shop.clone())}
                </span>
            </td>
            <td class="cell cell--customer" role="cell">
                {customer}
                <span class="cell__sub" title=email>{email}</span>
            </td>
            <td class="cell cell--status" role="cell">
                <Badge status=Signal::derive(move || order.with(|order| order.status)) />
            </td>
            <td class="cell cell--total table__num" role="cell">
                {text(|order| format::money(&order.total, &order.currency))}
            </td>
            <td class="cell cell--shipping table__num" role="cell">
                {text(|order| format::money(&order.shipping_fee, &order.currency))}
            </td>
            <td
                class="cell cell--tracking"
                class:cell--empty=move || order.with(|order| order.tracking_number.is_none())
                role="cell"
                title=tracking
            >{tracking}</td>
            <td class="cell cell--items table__num" role="cell">
                {text(|order| format::count(order.item_count))}
            </td>
            <td class="cell cell--updated" role="cell">
                <time datetime=text(|order| order.updated_at.to_rfc3339())>{updated}</time>
            </td>
            <td class="cell cell--actions" role="cell">
                <button
                    type="button"
                    class="button button--ghost button--small"
                    aria-label=text(|order| format!("Edit order {}", order.name))
                    on:click=move |_| store.editing.set(Some(id))
                >
                    "Edit"
                </button>
            </td>
        </tr>
    }
}

/// True for a moment after each change. Switched off by time: without motion
/// there is no animation whose end could be waited for.
fn flashes(changes: RwSignal<u32>) -> ReadSignal<bool> {
    let (flashing, set_flashing) = signal(false);
    Effect::new(move |seen: Option<u32>| {
        let count = changes.get();
        if seen.is_some_and(|seen| seen != count) {
            set_flashing.set(true);
            set_timeout(
                move || {
                    // Another change since then flashes on.
                    if changes.try_get_untracked() == Some(count) {
                        set_flashing.set(false);
                    }
                },
                std::time::Duration::from_millis(1_200),
            );
        }
        count
    });
    flashing
}
