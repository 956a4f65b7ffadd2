//! A status, as a coloured word.

use domain::orders::status::OrderStatus;
use leptos::prelude::*;

use crate::reactive::view;

/// A status badge.
#[component]
pub fn Badge(
    /// The status, once it is known.
    status: Signal<Option<OrderStatus>>,
) -> impl IntoView {
    view! {
        <span class="badge" data-status=move || status.get().map(OrderStatus::as_str)>
            {move || status.get().map_or("", OrderStatus::label)}
        </span>
    }
}
