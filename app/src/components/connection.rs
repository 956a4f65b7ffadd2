//! How live the page is.

use leptos::prelude::*;

use crate::live::Connection;

/// The badge in the header.
#[component]
pub fn ConnectionBadge(
    /// How well changes are heard.
    connection: ReadSignal<Connection>,
) -> impl IntoView {
    view! {
        <span class="connection" role="status" data-state=move || connection.get().as_str()>
            <span class="connection__dot"></span>
            <span class="connection__label">{move || connection.get().label()}</span>
        </span>
    }
}

/// Says so when what is shown may be out of date.
#[component]
pub fn OfflineBanner(
    /// How well changes are heard.
    connection: ReadSignal<Connection>,
) -> impl IntoView {
    view! {
        <Show when=move || connection.get() == Connection::Offline>
            <div class="banner" role="alert" data-kind="warning">
                "Offline: orders may be out of date. Trying to reconnect."
            </div>
        </Show>
    }
}
