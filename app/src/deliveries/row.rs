//! One row of the table.

use chrono::{DateTime, Utc};
use domain::wire::DeliverySummary;
use leptos::prelude::*;

use super::store::{DeliveryStore, Row};
use super::{DEAD, label};
use crate::format;
use crate::reactive::{RwSignal, Show, follow, handler, memo, view};

/// A delivery as a table row. Every cell updates with the signal of the delivery.
#[component]
pub fn DeliveryRow(
    /// The delivery.
    row: Row,
    /// Opens it, and retries it.
    store: DeliveryStore,
    /// The time now, for ages.
    now: RwSignal<DateTime<Utc>>,
) -> impl IntoView {
    let id = row.id;
    let delivery = RwSignal::from(row.delivery);
    let text = move |read: fn(&DeliverySummary) -> String| follow(move || delivery.with(read));
    let note = move || delivery.with(|now| now.error.clone());
    let received = move || format::age(delivery.with(|now| now.received_at), now.get());
    let is_dead = memo(move || delivery.with(|now| now.state == DEAD));
    view! {
        <tr
            class="row"
            role="row"
            data-delivery=id.to_string()
            data-state=text(|delivery| delivery.state.clone())
        >
            <td class="cell cell--received" role="cell">
                <time
                    datetime=text(|delivery| delivery.received_at.to_rfc3339())
                    title=text(|delivery| format::moment(delivery.received_at))
                >
                    {follow(received)}
                </time>
            </td>
            <td class="cell cell--topic" role="cell">
                {text(|delivery| delivery.topic.clone())}
            </td>
            <td class="cell cell--shop" role="cell" title=text(|delivery| delivery.shop.clone())>
                {text(|delivery| delivery.shop.clone())}
            </td>
            <td class="cell cell--state" role="cell">
                <StateBadge state=Signal::derive(move || delivery.with(|delivery| delivery.state.clone())) />
            </td>
            <td class="cell cell--attempts table__num" role="cell">
                {text(|delivery| format::count(delivery.attempts))}
            </td>
            <td
                class="cell cell--webhook"
                role="cell"
                title=text(|delivery| delivery.webhook_id.clone())
            >
                {text(|delivery| delivery.webhook_id.clone())}
            </td>
            <td class="cell cell--note" role="cell" title=follow(note)>{follow(note)}</td>
            <td class="cell cell--actions" role="cell">
                <Show when=move || is_dead.get()>
                    <button
                        type="button"
                        class="button button--ghost button--small"
                        aria-label=text(|delivery| format!("Retry delivery {}", delivery.webhook_id))
                        disabled=move || store.retrying.get()
                        on:click=handler(move |_| store.retry(id))
                    >
                        "Retry"
                    </button>
                </Show>
                <button
                    type="button"
                    class="button button--ghost button--small"
                    aria-label=text(|delivery| format!("View delivery {}", delivery.webhook_id))
                    on:click=handler(move |_| store.open(Some(id)))
                >
                    "View"
                </button>
            </td>
        </tr>
    }
}

/// A state, as a coloured word.
#[component]
pub fn StateBadge(
    /// The state, as it crosses the wire.
    state: Signal<String>,
) -> impl IntoView {
    view! {
        <span class="badge" data-state=move || state.get()>
            {move || state.with(|state| label(state))}
        </span>
    }
}
