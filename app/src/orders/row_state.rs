//! The state of one order on the screen.

use domain::orders::edit::OrderEdit;
use domain::orders::status::OrderStatus;
use domain::wire::Order;
use domain::wire::presence::Person;
use leptos::prelude::*;
use uuid::Uuid;

use super::cells::Cells;
use crate::reactive::ArcRwSignal;

/// One order on the screen; freed with the last view of it.
#[derive(Debug, Clone)]
pub struct Row {
    /// The id of the order; never changes.
    pub id: Uuid,
    /// The order, as last received.
    pub order: ArcRwSignal<Order>,
    /// The edit that is being saved, shown before the server confirms it.
    pub saving: ArcRwSignal<Option<OrderEdit>>,
    /// Cells that changed a moment ago.
    pub changed: ArcRwSignal<Cells>,
    /// It does not belong in the list any more, but stays while a person reads it.
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

    /// Its status. An edit that is being saved counts as saved.
    pub fn status(&self) -> OrderStatus {
        let edited = self.saving.with(|edit| edit.as_ref()?.status);
        edited.unwrap_or_else(|| self.order.with(|order| order.status))
    }

    /// Its tracking number. An edit that is being saved counts as saved.
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

    /// Patches the row if `order` is newer than what it shows: frames may repeat, and
    /// a page may have been read before a change that arrived earlier.
    pub fn patch(&self, order: Order) {
        let changed = self.order.with_untracked(|shown| {
            (shown.version < order.version).then(|| Cells::changed(shown, &order))
        });
        if let Some(changed) = changed {
            self.order.set(order);
            self.flash(changed);
        }
    }

    /// Highlights cells for a moment. A timer ends it, because with reduced motion
    /// there is no animation whose end could.
    pub fn flash(&self, cells: Cells) {
        if cells.is_empty() {
            return;
        }
        self.changed.update(|changed| *changed = changed.and(cells));
        let signal = self.changed.clone();
        set_timeout(
            move || {
                // A later change keeps its highlight.
                signal.update(|changed| *changed = changed.settle(cells));
            },
            std::time::Duration::from_millis(1_200),
        );
    }
}
