//! A line of the list of shops.

use chrono::{DateTime, Utc};
use domain::channels::shop::ShopDomain;
use domain::wire::Shop;
use leptos::prelude::*;

use super::shop_store::{KEEP, ShopStore, remove_id};
use crate::format;
use crate::reactive::{Show, StoredValue, handler, view};

/// A shop: its name and age, or the confirmation of its removal.
#[component]
pub fn Line(
    /// The shop.
    shop: Shop,
    /// Asks, and removes it.
    shops: ShopStore,
) -> impl IntoView {
    let since = shop.first_seen_at;
    let name = StoredValue::new(shop.shop);
    let is_asked =
        move || name.with_value(|name| shops.asked.with(|asked| asked.as_ref() == Some(name)));
    view! {
        <li class="shops__item">
            <Show when=is_asked fallback=move || view! { <Known name since shops /> }>
                <Question name shops />
            </Show>
        </li>
    }
}

#[component]
fn Known(name: StoredValue<ShopDomain>, since: DateTime<Utc>, shops: ShopStore) -> impl IntoView {
    let shop = name.get_value();
    view! {
        <div class="shops__shop">
            <strong class="shops__name">{shop.to_string()}</strong>
            <span class="shops__since">
                "First seen " <time datetime=since.to_rfc3339()>{format::moment(since)}</time>
            </span>
        </div>
        <button
            type="button"
            class="button button--small"
            id=remove_id(&shop)
            aria-label=format!("Remove {shop}")
            disabled=move || shops.removing.get()
            on:click=handler(move |_| shops.ask(name.get_value()))
        >
            "Remove"
        </button>
    }
}

#[component]
fn Question(name: StoredValue<ShopDomain>, shops: ShopStore) -> impl IntoView {
    let question = format!(
        "Remove {}? Its orders, their history and the payloads of its webhooks are erased. \
         This cannot be undone.",
        name.get_value()
    );
    view! {
        <div class="shops__question" role="alert">
            <p>{question}</p>
            <div class="modal__actions">
                <button
                    type="button"
                    class="button"
                    id=KEEP
                    disabled=move || shops.removing.get()
                    on:click=handler(move |_| shops.keep())
                >
                    "Keep"
                </button>
                <button
                    type="button"
                    class="button button--danger"
                    disabled=move || shops.removing.get()
                    on:click=handler(move |_| shops.remove(name.get_value()))
                >
                    {move || if shops.removing.get() { "Removing…" } else { "Remove shop" }}
                </button>
            </div>
        </div>
    }
}
