//! Applies received changes once per animation frame, so that a burst of changes
//! costs one update of the page.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use domain::wire::Order;
use leptos::prelude::*;
use uuid::Uuid;

/// Collects orders until the browser is about to draw.
#[derive(Clone)]
pub(super) struct Frames {
    waiting: Rc<RefCell<HashMap<Uuid, Order>>>,
    apply: Rc<dyn Fn(Vec<Order>)>,
}

impl Frames {
    pub(super) fn new(apply: impl Fn(Vec<Order>) + 'static) -> Self {
        Self {
            waiting: Rc::default(),
            apply: Rc::new(apply),
        }
    }

    /// Adds orders; of several versions the newest is kept.
    pub(super) fn push(&self, orders: Vec<Order>) {
        let was_empty = self.waiting.borrow().is_empty();
        let mut waiting = self.waiting.borrow_mut();
        for order in orders {
            let known = waiting.get(&order.id);
            if known.is_none_or(|known| known.version < order.version) {
                waiting.insert(order.id, order);
            }
        }
        drop(waiting);
        if document().hidden() {
            // A hidden page gets no animation frames, so the orders would only pile up.
            self.flush();
        } else if was_empty {
            let frames = self.clone();
            request_animation_frame(move || frames.flush());
        }
    }

    fn flush(&self) {
        let orders: Vec<_> = self
            .waiting
            .borrow_mut()
            .drain()
            .map(|(_, order)| order)
            .collect();
        if !orders.is_empty() {
            (self.apply)(orders);
        }
    }
}
