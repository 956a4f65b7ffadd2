//! The empty state of the list, with instructions for sending an order.

use leptos::prelude::*;

use super::list::Lists;
use super::store::OrderStore;
use super::view::View;
use crate::address;
use crate::components::icons::Tray;
use crate::reactive::{RwSignal, effect, follow, handler, view};

/// A command that signs an order with a secret and sends it to `origin`.
fn example(origin: &str) -> String {
    format!(
        r##"SECRET=your-webhook-secret
BODY='{{"id":1001,"name":"#1001","updated_at":"2026-01-01T12:00:00Z",
  "currency":"USD","total_price":"42.00","financial_status":"paid"}}'
curl {origin}/webhooks/shopify \
  -H "X-Shopify-Topic: orders/create" \
  -H "X-Shopify-Shop-Domain: acme.myshopify.com" \
  -H "X-Shopify-Webhook-Id: first-try" \
  -H "X-Shopify-Hmac-Sha256: $(printf %s "$BODY" |
      openssl dgst -sha256 -hmac "$SECRET" -binary | base64)" \
  --data-binary "$BODY""##
    )
}

/// The empty list: nothing yet, or nothing with this status.
#[component]
pub fn Empty(
    /// The list that is empty.
    store: OrderStore,
    /// Shows everything again.
    lists: Lists,
) -> impl IntoView {
    // A placeholder until the browser reports the origin.
    let origin = RwSignal::new("http://your-server".to_owned());
    effect(move || {
        if let Some(known) = address::origin() {
            origin.set(known);
        }
    });
    let everything = move |_| {
        let sort = store.view.with_untracked(|view| view.sort);
        lists.open(View {
            sort,
            ..View::default()
        });
    };
    let title = move || {
        store.view.with(|view| {
            let status = view
                .status
                .map(|status| status.label().to_ascii_lowercase());
            let status = status.map_or_else(String::new, |status| format!("{status} "));
            match view.search.trim() {
                "" => format!("No {status}orders"),
                search => format!("No {status}orders found for “{search}”"),
            }
        })
    };
    follow(move || {
        if !store.view.with(View::is_everything) {
            return view! {
                <div class="empty">
                    <Tray />
                    <h2 class="empty__title">{follow(title)}</h2>
                    <p class="empty__text">
                        "Found are words of the order's name, Shopify id, customer, e-mail and tracking number; the last letters may be missing. New orders that fit appear here by themselves."
                    </p>
                    <p class="empty__text">
                        <button type="button" class="button" on:click=handler(everything)>
                            "Show all orders"
                        </button>
                    </p>
                </div>
            };
        }
        view! {
            <div class="empty">
                <Tray />
                <h2 class="empty__title">"No orders yet"</h2>
                <p class="empty__text">
                    "Orders appear here the moment a shop sends one. In Shopify, point the order "
                    "webhooks at " <code>"/webhooks/shopify"</code>
                    " of this server. To see how it looks, send one from a terminal:"
                </p>
                <pre class="empty__code" tabindex="0">
                    <code>{follow(move || example(&origin.get()))}</code>
                </pre>
            </div>
        }
    })
}
