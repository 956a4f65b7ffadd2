//! The state of the live connection, and the age of the data.

use std::time::Duration;

use leptos::prelude::*;

use super::clock::every;
use crate::live::{ConnectionState, Live};
use crate::reactive::{RwSignal, Show, follow, view};
use crate::{api, format};

/// The badge in the header.
#[component]
pub fn ConnectionBadge(
    /// The connection.
    live: Live,
) -> impl IntoView {
    let connection = live.connection;
    let now = RwSignal::new(live.true_until.get_untracked());
    every(Duration::from_secs(1), move || now.set(api::now()));
    let age = move || match connection.get() {
        ConnectionState::Live => live.changed_at.get().map(|changed| {
            let age = format::age(changed, Ord::max(now.get(), changed));
            format!("changed {age}")
        }),
        ConnectionState::Connecting => None,
        ConnectionState::Reconnecting | ConnectionState::Offline => {
            let since = now.get() - live.true_until.get();
            let age = format::duration(since.num_seconds());
            Some(format!("data {age} old"))
        }
    };
    view! {
        <span class="connection" data-state=move || connection.get().as_str()>
            <span class="connection__dot"></span>
            // Screen readers announce the word, but not the age, which changes constantly.
            <span class="connection__label" role="status">
                {move || connection.get().label()}
            </span>
            <span class="connection__age">{follow(age)}</span>
        </span>
    }
}

/// A warning that orders may be out of date, while offline.
#[component]
pub fn OfflineBanner(
    /// The connection.
    live: Live,
) -> impl IntoView {
    view! {
        <Show when=move || live.connection.get() == ConnectionState::Offline>
            <div class="banner" role="alert" data-kind="warning">
                "Offline: orders may be out of date. Changes you save wait until the connection is back."
            </div>
        </Show>
    }
}
