//! What a person has typed but not saved.

use domain::api::Order;
use domain::edit::OrderEdit;
use domain::status::OrderStatus;
use leptos::prelude::*;

/// What the person has typed, on top of `base`.
#[derive(Clone, Copy)]
pub struct Draft {
    /// The order the edit began from, or was last refreshed to.
    pub base: RwSignal<Order>,
    /// Chosen status.
    pub status: RwSignal<OrderStatus>,
    /// Typed tracking number; empty is none.
    pub tracking: RwSignal<String>,
    /// Typed notes; empty is none.
    pub notes: RwSignal<String>,
}

impl Draft {
    /// A draft without changes.
    pub fn new(order: Order) -> Self {
        let draft = Self {
            status: RwSignal::new(order.status),
            tracking: RwSignal::default(),
            notes: RwSignal::default(),
            base: RwSignal::new(order.clone()),
        };
        draft.reset(order);
        draft
    }

    /// Starts over from `order`.
    pub fn reset(&self, order: Order) {
        self.status.set(order.status);
        self.tracking
            .set(order.tracking_number.clone().unwrap_or_default());
        self.notes.set(order.notes.clone().unwrap_or_default());
        self.base.set(order);
    }

    /// What differs from the base: only that is sent.
    pub fn edit(&self) -> OrderEdit {
        let base = self.base.get();
        let changed = |typed: String, stored: Option<String>| {
            let typed = Some(typed).filter(|text| !text.is_empty());
            (typed != stored).then_some(typed)
        };
        let status = self.status.get();
        OrderEdit {
            status: (status != base.status).then_some(status),
            tracking_number: changed(self.tracking.get(), base.tracking_number),
            notes: changed(self.notes.get(), base.notes),
        }
    }
}
