//! The empty state of the list: why there are no deliveries, and what to do.

use domain::wire::DeliveryQuery;
use leptos::prelude::*;

use super::store::DeliveryStore;
use super::{DEAD, PENDING, label, reason};
use crate::components::icons::Tray;
use crate::reactive::{follow, handler, view};

/// The empty list: nothing yet, or nothing that matches.
#[component]
pub fn Empty(
    /// The list that is empty.
    store: DeliveryStore,
) -> impl IntoView {
    let clear = move |_| store.choose(|filter| *filter = DeliveryQuery::default());
    follow(move || {
        let filter = store.filter.get();
        if filter == DeliveryQuery::default() {
            return view! { <NothingYet /> };
        }
        let narrowed = filter.topic.is_some() || filter.q.is_some();
        let (title, text) = match filter.state.as_deref() {
            Some(DEAD) if !narrowed => (
                "Nothing is dead".to_owned(),
                "Everything Shopify sent was dealt with.",
            ),
            Some(PENDING) if !narrowed => (
                "Nothing is waiting".to_owned(),
                "What arrives is dealt with at once, and is rarely seen here.",
            ),
            Some(state) if !narrowed => (
                format!("No {} deliveries", label(state).to_ascii_lowercase()),
                "They appear here as soon as there are any.",
            ),
            _ => (
                "No deliveries match".to_owned(),
                "Search for a whole webhook id, or for the id of a delivery or an order.",
            ),
        };
        view! {
            <div class="empty">
                <Tray />
                <h2 class="empty__title">{title}</h2>
                <p class="empty__text">{text}</p>
                <p class="empty__text">
                    <button type="button" class="button" on:click=handler(clear)>
                        "Show all deliveries"
                    </button>
                </p>
            </div>
        }
    })
}

#[component]
fn NothingYet() -> impl IntoView {
    view! {
        <div class="empty">
            <Tray />
            <h2 class="empty__title">"No deliveries yet"</h2>
            <p class="empty__text">
                "Every webhook is kept here, with what became of it. To connect Shopify, open "
                <strong>"Settings, Notifications, Webhooks"</strong>
                " in its admin, and add the order events as JSON with this server's public "
                "address followed by " <code>"/webhooks/shopify"</code>
                ". Start this server with the signing secret shown there as "
                <code>"SHOPIFY_WEBHOOK_SECRET"</code> "."
            </p>
            <p class="empty__text">
                "Then choose “Send test notification”: it appears here within a second."
            </p>
        </div>
    }
}

/// A message that the list did not load, with a button to try again.
#[component]
pub fn Failed(
    /// Has the reason, and loads again.
    store: DeliveryStore,
) -> impl IntoView {
    view! {
        <div class="empty" role="alert">
            <h2 class="empty__title">"The list did not load"</h2>
            <p class="empty__text">{move || store.problem.get().map(reason)}</p>
            <p class="empty__text">
                <button
                    type="button"
                    class="button"
                    disabled=move || store.loading.get()
                    on:click=handler(move |_| store.load())
                >
                    {move || if store.loading.get() { "Trying…" } else { "Try again" }}
                </button>
            </p>
        </div>
    }
}
