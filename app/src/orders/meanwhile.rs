//! What changed while a list was under way: its answer may not know of it.

use std::collections::HashMap;

use domain::wire::Order;
use uuid::Uuid;

/// Orders remembered at most. What changes beyond that while one list is on its
/// way is in the list at its next loading.
const MAX_ORDERS: usize = 10_000;

/// The changes, newest version only; nothing is remembered while no list is
/// under way.
#[derive(Debug, Default)]
pub struct Meanwhile(Option<HashMap<Uuid, Order>>);

impl Meanwhile {
    /// A list was asked for. What is remembered already stays: told twice, a
    /// change is the same.
    pub fn begin(&mut self) {
        self.0.get_or_insert_default();
    }

    /// Orders changed.
    pub fn note(&mut self, changed: &[Order]) {
        let Some(orders) = &mut self.0 else { return };
        for order in changed {
            let is_known = orders.contains_key(&order.id);
            if !is_known && orders.len() >= MAX_ORDERS {
                continue;
            }
            let noted = orders.entry(order.id).or_insert_with(|| order.clone());
            if noted.version < order.version {
                noted.clone_from(order);
            }
        }
    }

    /// The list is here, or will not come: what changed since it was asked for.
    pub fn end(&mut self) -> Vec<Order> {
        self.0.take().unwrap_or_default().into_values().collect()
    }
}
