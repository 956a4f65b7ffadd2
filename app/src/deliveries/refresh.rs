//! Keeping the list up to date by itself, as things happen.

use domain::wire::{DEFAULT_PAGE, DeliveryQuery, MAX_PAGE};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::store::{DeliveryStore, Work};
use crate::api;

/// Without any hint, the list is looked at again every so many ticks: what was
/// refused or ignored changes no order, so nobody tells.
const QUIET_TICKS: u32 = 5;

impl DeliveryStore {
    /// Something happened: the list may be out of date.
    pub fn hint(self) {
        self.work.update_value(|work| work.changed = true);
    }

    /// Called every two seconds: refreshes the list if there is reason to.
    pub fn tick(self) {
        self.work
            .update_value(|work| work.ticks = work.ticks.wrapping_add(1));
        let work = self.work.get_value();
        let is_due = work.changed || self.shows_pending() || work.ticks.is_multiple_of(QUIET_TICKS);
        if is_due && !document().hidden() {
            self.refresh();
        }
    }

    /// Brings the newest rows up to date, quietly: without the server they stay
    /// as they are, and the badge in the header tells why.
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
            // `None`: the page is gone.
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
                // What is left on the screen is of another filter.
                self.problem.set(None);
                self.replace(page);
            } else {
                self.merge(page);
            }
        });
    }
}
