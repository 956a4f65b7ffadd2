//! Automatic refresh of the list.

use domain::wire::{DEFAULT_PAGE, DeliveryQuery, MAX_PAGE};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::store::{DeliveryStore, Work};
use crate::api;

/// Without a hint, the list is refreshed every so many ticks: a rejected or ignored
/// delivery changes no order, so no message announces it.
const QUIET_TICKS: u32 = 5;

impl DeliveryStore {
    /// A hint that the list may be out of date.
    pub fn hint(self) {
        self.work.update_value(|work| work.changed = true);
    }

    /// Called every two seconds: refreshes the list if it may be out of date.
    pub fn tick(self) {
        self.work
            .update_value(|work| work.ticks = work.ticks.wrapping_add(1));
        let work = self.work.get_value();
        let is_due = work.changed || self.shows_pending() || work.ticks.is_multiple_of(QUIET_TICKS);
        if is_due && !document().hidden() {
            self.refresh();
        }
    }

    /// Brings the newest rows up to date. A failure changes nothing: the badge in the
    /// header shows the state of the connection.
    pub fn refresh(self) {
        let Work {
            generation,
            refreshing,
            ..
        } = self.work.get_value();
        if refreshing || self.loading.get_untracked() {
            self.hint();
            return;
        }
        self.work.update_value(|work| {
            work.refreshing = true;
            work.changed = false;
        });
        let shown = self.rows.with_untracked(Vec::len) as u64;
        let query = DeliveryQuery {
            limit: Some(shown.clamp(DEFAULT_PAGE, MAX_PAGE)),
            ..self.filter.get_untracked()
        };
        spawn_local(async move {
            let (page, stats) = futures::join!(api::deliveries(query), api::delivery_stats());
            // `None`: the page was left.
            let Some(work) = self.work.try_get_value() else {
                return;
            };
            self.work.update_value(|work| work.refreshing = false);
            if let Ok(stats) = stats {
                self.stats.set(stats);
            }
            let is_current = work.generation == generation;
            let Some(page) = page.ok().filter(|_| is_current) else {
                return;
            };
            if self.problem.with_untracked(Option::is_some) {
                // The rows on the screen belong to an earlier filter.
                self.problem.set(None);
                self.replace(page);
            } else {
                self.merge(page);
            }
        });
    }
}
