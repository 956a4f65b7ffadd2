//! A status, as a coloured word.

use domain::status::OrderStatus;
use leptos::prelude::*;

use crate::shared::view;

/// A status badge.
#[component]
pub fn Badge(
    /// The status.
    status: Signal<OrderStatus>,
) -> impl IntoView {
    view! {
        <span class="badge" data-status=move || status.get().as_str()>
            {move || status.get().label()}
        </span>
    }
}
