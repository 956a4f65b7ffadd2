//! 404.

use domain::pages::Page;
use leptos::prelude::*;
use leptos_meta::Title;

use crate::reactive::view;

/// Says so, and leads back.
#[component]
pub fn NotFound() -> impl IntoView {
    view! {
        <Title text="Not found" />
        <main class="page" id="main">
            <div class="empty">
                <h1 class="empty__title">"There is nothing here"</h1>
                <p class="empty__text">
                    <a href=Page::Orders.path()>"Go to the orders"</a>
                </p>
            </div>
        </main>
    }
}
