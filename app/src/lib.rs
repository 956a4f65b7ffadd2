//! The dashboard, in Leptos: rendered on the server (`ssr`), then taken over in
//! the browser (`hydrate`).
//!
//! - [`pages`]: what has an address
//! - [`orders`]: the table, its live cache, and the edit dialog
//! - [`deliveries`]: the inbox
//! - [`live`]: the socket, and how well it is connected
//! - [`components`]: everything smaller
//! - [`api`]: the REST API, over HTTP in the browser and in process on the server
//! - [`shared`]: views and closures of few types, for a small bundle
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
pub mod shared;

use leptos::prelude::*;
#[cfg(feature = "ssr")]
use leptos_meta::MetaTags;
use leptos_meta::{Title, provide_meta_context};

use components::me::provide_me;
use components::toasts::{Toasts, provide_toasts};
use pages::dashboard::Dashboard;
use pages::deliveries::Deliveries;
use pages::not_found::NotFound;
use shared::view;

/// The document around every page.
#[cfg(feature = "ssr")]
pub fn shell(mut options: LeptosOptions) -> impl IntoView {
    options.output_name = bundle().into();
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
                <App />
            </body>
        </html>
    }
}

/// The code of the page that was asked for, as `frontend` calls it.
#[cfg(feature = "ssr")]
fn bundle() -> &'static str {
    use leptos_router::location::RequestUrl;

    let url = use_context::<RequestUrl>().and_then(|url| url.parse().ok());
    if url.is_some_and(|url| url.path().trim_end_matches('/') == "/dashboard") {
        "orders"
    } else {
        "deliveries"
    }
}

/// Everything inside the document, whichever page was asked for.
#[cfg(feature = "ssr")]
#[component]
pub fn App() -> impl IntoView {
    use leptos_router::components::{Route, Router, Routes};
    use leptos_router::{SsrMode, path};

    frame(|| {
        view! {
            <Router>
                // The first answer holds the orders, even for those without
                // JavaScript.
                <Routes fallback=NotFound>
                    <Route path=path!("/dashboard") view=Dashboard ssr=SsrMode::Async />
                    <Route path=path!("/dashboard/deliveries") view=Deliveries ssr=SsrMode::Async />
                </Routes>
            </Router>
        }
    })
}

/// `/dashboard` in the browser. Pages are left by plain links, so it needs no
/// router there.
#[cfg(not(feature = "ssr"))]
pub fn orders() -> AnyView {
    frame(|| view! { <Dashboard /> })
}

/// Every other page in the browser.
#[cfg(not(feature = "ssr"))]
pub fn deliveries() -> AnyView {
    frame(|| match address::path().trim_end_matches('/') {
        deliveries::PATH => view! { <Deliveries /> },
        _ => view! { <NotFound /> },
    })
}

/// What is around every page.
fn frame(page: fn() -> AnyView) -> AnyView {
    provide_meta_context();
    provide_toasts();
    provide_me();
    view! {
        <Title formatter=|page: String| format!("{page} · Atomic Order Orchestrator") />
        {page()}
        <Toasts />
    }
}
