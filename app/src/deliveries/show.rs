//! Updating the rows when a page arrives.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use domain::wire::{DeliveryPage, DeliverySummary};
use leptos::prelude::*;
use uuid::Uuid;

use super::deliveries;
use super::merge::{List, merge};
use super::store::{DeliveryStore, Row};
use crate::reactive::ArcRwSignal;

impl DeliveryStore {
    /// Shows a page and nothing else.
    pub(super) fn replace(&self, page: DeliveryPage) {
        self.has_more.set(page.has_more);
        self.has_newer.set(false);
        self.show(ids(&page.data), page.data);
        self.announce();
    }

    /// Appends an older page.
    pub(super) fn append(&self, page: DeliveryPage) {
        let mut all = self.shown().ids;
        let last = all.last().copied();
        let older = |id: &Uuid| last.is_none_or(|last| *id < last);
        all.extend(ids(&page.data).into_iter().filter(older));
        self.has_more.set(page.has_more);
        self.show(all, page.data);
        self.announce();
    }

    /// Merges a newly loaded first page without moving the rows being read.
    pub(super) fn merge(&self, page: DeliveryPage) {
        let loaded = List {
            ids: ids(&page.data),
            has_more: page.has_more,
        };
        let merged = merge(&self.shown(), &loaded, self.is_being_read());
        self.has_more.set(merged.list.has_more);
        self.has_newer.set(merged.held_back);
        self.show(merged.list.ids, page.data);
    }

    fn shown(&self) -> List {
        List {
            ids: self
                .rows
                .with_untracked(|rows| rows.iter().map(|row| row.id).collect()),
            has_more: self.has_more.get_untracked(),
        }
    }

    /// Patches or creates the rows of `loaded`, and shows `ids`.
    fn show(&self, ids: Vec<Uuid>, loaded: Vec<DeliverySummary>) {
        let shown = self.rows.get_untracked();
        let mut rows: HashMap<Uuid, Row> = shown.iter().map(|row| (row.id, row.clone())).collect();
        for delivery in loaded {
            match rows.entry(delivery.id) {
                Entry::Occupied(row) => row.get().update(delivery),
                Entry::Vacant(place) => {
                    place.insert(Row::new(delivery));
                }
            }
        }
        if ids.iter().ne(shown.iter().map(|row| &row.id)) {
            let rows = ids.into_iter().filter_map(|id| rows.remove(&id));
            self.rows.set(rows.collect());
        }
    }

    fn announce(&self) {
        let count = self.rows.with_untracked(Vec::len) as u64;
        let more = if self.has_more.get_untracked() {
            ", there are older ones"
        } else {
            ""
        };
        self.announcement
            .set(format!("{} shown{more}", deliveries(count)));
    }

    /// The top of the list is out of sight.
    fn is_being_read(&self) -> bool {
        let list = self.scroller.get_untracked().map(|list| list.scroll_top());
        let page = document().document_element().map(|page| page.scroll_top());
        list.into_iter().chain(page).any(|scrolled| scrolled > 0)
    }
}

impl Row {
    fn new(delivery: DeliverySummary) -> Self {
        Self {
            id: delivery.id,
            delivery: ArcRwSignal::new(delivery),
        }
    }

    fn update(&self, delivery: DeliverySummary) {
        if self.delivery.with_untracked(|shown| *shown != delivery) {
            self.delivery.set(delivery);
        }
    }
}

fn ids(page: &[DeliverySummary]) -> Vec<Uuid> {
    page.iter().map(|delivery| delivery.id).collect()
}
