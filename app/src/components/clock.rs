//! What happens again and again while a page shows.

use std::time::Duration;

use leptos::prelude::*;

use crate::shared::effect;

/// Runs `tick` again and again in the browser, as long as the calling component
/// lives.
pub fn every(interval: Duration, tick: impl Fn() + Clone + 'static) {
    effect(move || {
        if let Ok(handle) = set_interval_with_handle(tick.clone(), interval) {
            on_cleanup(move || handle.clear());
        }
    });
}
