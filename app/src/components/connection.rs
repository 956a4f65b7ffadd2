//! How live the page is, and how old what it shows.

use std::time::Duration;

use leptos::prelude::*;

use super::clock::every;
use crate::live::{Connection, Live};
use crate::shared::{RwSignal, Show, follow, view};
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
        Connection::Live => live.changed_at.get().map(|changed| {
            let age = format::age(changed, Ord::max(now.get(), changed));
            format!("changed {age}")
        }),
        Connection::Connecting => None,
        Connection::Reconnecting | Connection::Offline => {
            let since = now.get() - live.true_until.get();
            let age = format::duration(since.num_seconds());
            Some(format!("data {age} old"))
        }
    };
    view! {
        <span class="connection" data-state=move || connection.get().as_str()>
            <span class="connection__dot"></span>
            // The word is announced; the age, which never rests, is not.
            <span class="connection__label" role="status">
                {move || connection.get().label()}
            </span>
            <span class="connection__age">{follow(age)}</span>
        </span>
    }
}

/// Says so when what is shown may be out of date.
#[component]
pub fn OfflineBanner(
    /// The connection.
    live: Live,
) -> impl IntoView {
    view! {
        <Show when=move || live.connection.get() == Connection::Offline>
            <div class="banner" role="alert" data-kind="warning">
                "Offline: orders may be out of date. Changes you save wait until the connection is back."
            </div>
        </Show>
    }
}
