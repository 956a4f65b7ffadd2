//! Periodic work while a page is open.

use std::time::Duration;

use leptos::prelude::*;

use crate::reactive::effect;

/// Calls `tick` at an interval in the browser, for the lifetime of the calling
/// component.
pub fn every(interval: Duration, tick: impl Fn() + Clone + 'static) {
    effect(move || {
        if let Ok(handle) = set_interval_with_handle(tick.clone(), interval) {
            on_cleanup(move || handle.clear());
        }
    });
}
