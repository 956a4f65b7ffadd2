//! The dashboard, in Leptos: rendered on the server (`ssr`), then taken over in
//! the browser (`hydrate`).
//!
//! - [`pages`]: what has an address
//! - [`orders`]: the table, its live store, and the edit dialog
//! - [`deliveries`]: the inbox
//! - [`live`]: the socket, and the state of its connection
//! - [`components`]: components shared by the pages
//! - [`api`]: the REST API, over HTTP in the browser and in process on the server
//! - [`reactive`]: type-erased views, closures and signals, for a small bundle
//! - [`mod@format`]: amounts and times for people

// A page is one nested type.
#![recursion_limit = "256"]
// Components document themselves by name; their props are documented.
#![allow(missing_docs, reason = "generated props structs")]
#![allow(clippy::must_use_candidate, reason = "components are views")]
#![allow(clippy::result_large_err, reason = "a problem travels as it came")]

pub mod address;
pub mod api;
pub mod components;
pub mod deliveries;
pub mod format;
pub mod live;
pub mod orders;
pub mod pages;
pub mod reactive;

use domain::pages::Page;
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use leptos_meta::MetaTags;
use leptos_meta::{Title, provide_meta_context};

use components::toasts::{Toasts, provide_toasts};
use components::user_name::provide_user_name;
use pages::deliveries::DeliveriesPage;
use pages::not_found::NotFound;
use pages::orders::OrdersPage;
use reactive::view;

/// The document around the page that was asked for.
#[cfg(feature = "ssr")]
pub fn shell(mut options: LeptosOptions) -> impl IntoView {
    let page = Page::at(&address::path());
    options.output_name = page.map_or(NOT_FOUND_BUNDLE, Page::bundle).into();
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="description" content="Live order desk" />
                // Before the stylesheet, so that a chosen theme never flashes.
                <script src="/theme.js"></script>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <link rel="stylesheet" href="/pkg/orchestrator.css" />
                <link rel="modulepreload" href="/vendor/socket.io.esm.min.js" />
                <HydrationScripts options />
                <MetaTags />
            </head>
            <body>
                {match page {
                    Some(Page::Orders) => page_root(|| view! { <OrdersPage /> }),
                    Some(Page::Deliveries) => page_root(|| view! { <DeliveriesPage /> }),
                    None => page_root(|| view! { <NotFound /> }),
                }}
            </body>
        </html>
    }
}

/// The bundle with the code of what stands in for a page that does not exist.
#[cfg(feature = "ssr")]
const NOT_FOUND_BUNDLE: &str = Page::Deliveries.bundle();

/// [`Page::Orders`] in the browser. Pages are left by plain links, so there is no
/// router.
#[cfg(not(feature = "ssr"))]
pub fn orders() -> AnyView {
    page_root(|| view! { <OrdersPage /> })
}

/// [`Page::Deliveries`] in the browser, or what stands in for a page that does not exist.
#[cfg(not(feature = "ssr"))]
pub fn deliveries() -> AnyView {
    page_root(|| match Page::at(&address::path()) {
        Some(Page::Deliveries) => view! { <DeliveriesPage /> },
        _ => view! { <NotFound /> },
    })
}

/// What is around every page.
fn page_root(page: fn() -> AnyView) -> AnyView {
    provide_meta_context();
    provide_toasts();
    provide_user_name();
    view! {
        <Title formatter=|page: String| format!("{page} · Atomic Order Orchestrator") />
        {page()}
        <Toasts />
    }
}
