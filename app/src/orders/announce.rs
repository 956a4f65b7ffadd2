//! Tells those who listen rather than look that there is news, without
//! chattering.

use std::time::Duration;

use leptos::prelude::*;

use super::store::OrderStore;
use crate::components::clock::every;
use crate::format;
use crate::shared::{RwSignal, view};

/// The shortest time between two announcements.
const PAUSE: Duration = Duration::from_secs(15);

/// `12 new orders`.
pub fn news(count: usize) -> String {
    match count {
        1 => "1 new order".to_owned(),
        count => format!("{} new orders", format::count(count)),
    }
}

/// A live region that speaks up now and then.
#[component]
pub fn Announcer(
    /// Whose news.
    store: OrderStore,
) -> impl IntoView {
    let text = RwSignal::new(String::new());
    every(PAUSE, move || {
        let count = store.news.with_untracked(std::collections::HashSet::len);
        let now = if count == 0 {
            String::new()
        } else {
            news(count)
        };
        if text.with_untracked(|text| *text != now) {
            text.set(now);
        }
    });
    view! {
        <p class="visually-hidden" role="status">
            {move || text.get()}
        </p>
    }
}
