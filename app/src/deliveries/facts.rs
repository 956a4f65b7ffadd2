//! What is known about a delivery, besides its payload.

use domain::wire::DeliverySummary;
use leptos::prelude::*;

use super::clipboard::copy;
use super::row::StateBadge;
use crate::components::toasts::use_toasts;
use crate::format;
use crate::reactive::{handler, view};

/// The facts of one delivery.
#[component]
pub fn Facts(
    /// The delivery.
    delivery: DeliverySummary,
    /// The Shopify id of its order.
    order: Option<String>,
) -> impl IntoView {
    let toasts = use_toasts();
    let webhook_id = delivery.webhook_id.clone();
    let state = delivery.state.clone();
    let next = delivery.due_at.filter(|_| delivery.attempts > 0);
    let state = Signal::derive(move || state.clone());
    let copy_id = move |_| copy(webhook_id.clone(), "Webhook id", toasts);
    let webhook = view! {
        <span>{delivery.webhook_id}</span>
        " "
        <button
            type="button"
            class="button button--ghost button--small"
            aria-label="Copy webhook id"
            on:click=handler(copy_id)
        >
            "Copy"
        </button>
    };
    let triggered = delivery
        .triggered_at
        .map_or_else(|| "Not said".to_owned(), format::moment);
    let order = delivery.order_id.map(|id| match order {
        Some(number) => {
            let href = format!("/dashboard?q={number}");
            let link = view! { <a href=href rel="external">"Show the order"</a> };
            fact("Order", link)
        }
        // Without the payload there is nothing to search by.
        None => fact("Order", id.to_string().into_any()),
    });
    view! {
        <dl class="facts">
            {fact("Webhook id", webhook)}
            {fact("State", view! { <StateBadge state /> })}
            {fact("Failed attempts", format::count(delivery.attempts).into_any())}
            {next.map(|at| fact("Next attempt", format::moment(at).into_any()))}
            {fact("Received", format::moment(delivery.received_at).into_any())}
            {fact("Triggered", triggered.into_any())}
            {fact("Shop", delivery.shop.into_any())}
            {order}
        </dl>
    }
}

fn fact(name: &'static str, value: AnyView) -> AnyView {
    view! {
        <div class="facts__item">
            <dt>{name}</dt>
            <dd>{value}</dd>
        </div>
    }
}
