//! The database is away: said plainly, with a way to try again.

use domain::wire::Problem;
use leptos::prelude::*;

use crate::reactive::view;

/// Stands where a page cannot be shown.
#[component]
pub fn Unavailable(
    /// What cannot be shown.
    what: &'static str,
    /// Why.
    problem: Problem,
    /// Where to try again.
    again: &'static str,
) -> impl IntoView {
    view! {
        <main class="page" id="main">
            <div class="empty">
                <h1 class="empty__title">{what} " cannot be shown right now"</h1>
                <p class="empty__text">
                    {problem.title}
                    ". Webhooks are refused until it is back, so Shopify sends them again; nothing is lost."
                </p>
                <p class="empty__text">
                    <a class="button" href=again rel="external">
                        "Try again"
                    </a>
                </p>
            </div>
        </main>
    }
}
