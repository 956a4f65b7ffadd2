//! One order on the screen.

use domain::orders::edit::OrderEdit;
use domain::orders::status::OrderStatus;
use domain::wire::Order;
use domain::wire::presence::Person;
use leptos::prelude::*;
use uuid::Uuid;

use super::cells::Cells;
use crate::shared::ArcRwSignal;

/// One order on the screen; freed with the last view of it.
#[derive(Debug, Clone)]
pub struct Row {
    /// Of which order; never changes.
    pub id: Uuid,
    /// The order, as last heard.
    pub order: ArcRwSignal<Order>,
    /// What is being saved, shown as if it were.
    pub saving: ArcRwSignal<Option<OrderEdit>>,
    /// Cells that changed a moment ago.
    pub changed: ArcRwSignal<Cells>,
    /// It is not part of the list any more, but was while it is being read.
    pub left: ArcRwSignal<bool>,
    /// Others who have it open.
    pub people: ArcRwSignal<Vec<Person>>,
}

impl Row {
    /// A row of an order.
    pub fn new(order: Order) -> Self {
        Self {
            id: order.id,
            order: ArcRwSignal::new(order),
            saving: ArcRwSignal::default(),
            changed: ArcRwSignal::default(),
            left: ArcRwSignal::default(),
            people: ArcRwSignal::default(),
        }
    }

    /// Its status. What is being saved counts as saved already.
    pub fn status(&self) -> OrderStatus {
        let edited = self.saving.with(|edit| edit.as_ref()?.status);
        edited.unwrap_or_else(|| self.order.with(|order| order.status))
    }

    /// Its tracking number. What is being saved counts as saved already.
    pub fn tracking_number(&self) -> Option<String> {
        let edited = self
            .saving
            .with(|edit| edit.as_ref()?.tracking_number.clone());
        edited.unwrap_or_else(|| self.order.with(|order| order.tracking_number.clone()))
    }

    /// What the row shows is later than `order`.
    pub fn is_newer_than(&self, order: &Order) -> bool {
        self.order
            .with_untracked(|shown| shown.version > order.version)
    }

    /// Patches the row if `order` is newer than what it shows: frames may
    /// repeat, and a page that was under way may be older than a change that
    /// overtook it.
    pub fn patch(&self, order: Order) {
        let changed = self.order.with_untracked(|shown| {
            (shown.version < order.version).then(|| Cells::changed(shown, &order))
        });
        if let Some(changed) = changed {
            self.order.set(order);
            self.flash(changed);
        }
    }

    /// Marks cells for a moment. Switched off by time: without motion there is
    /// no animation whose end could be waited for.
    pub fn flash(&self, cells: Cells) {
        if cells.is_empty() {
            return;
        }
        self.changed.update(|changed| *changed = changed.and(cells));
        let signal = self.changed.clone();
        set_timeout(
            move || {
                // Another change since then flashes on.
                signal.update(|changed| *changed = changed.settle(cells));
            },
            std::time::Duration::from_millis(1_200),
        );
    }
}
