//! Announces new orders to screen readers, but not too often.

use std::time::Duration;

use leptos::prelude::*;

use super::store::OrderStore;
use crate::components::clock::every;
use crate::format;
use crate::reactive::{RwSignal, view};

/// The shortest time between two announcements.
const PAUSE: Duration = Duration::from_secs(15);

/// `12 new orders`.
pub fn new_orders(count: usize) -> String {
    match count {
        1 => "1 new order".to_owned(),
        count => format!("{} new orders", format::count(count)),
    }
}

/// A live region with the number of new orders.
#[component]
pub fn Announcer(
    /// The list with the new orders.
    store: OrderStore,
) -> impl IntoView {
    let text = RwSignal::new(String::new());
    every(PAUSE, move || {
        let count = store
            .new_orders
            .with_untracked(std::collections::HashSet::len);
        let now = if count == 0 {
            String::new()
        } else {
            new_orders(count)
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
