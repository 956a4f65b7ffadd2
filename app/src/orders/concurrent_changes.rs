//! Live changes that arrive while a list is being loaded: the answer may have been
//! read before them.

use std::collections::HashMap;

use domain::wire::Order;
use uuid::Uuid;

/// Orders recorded at most. Changes beyond that during one request appear when the
/// list is loaded the next time.
const MAX_ORDERS: usize = 10_000;

/// The newest version of each changed order; `None` while no list is being loaded.
#[derive(Debug, Default)]
pub struct ConcurrentChanges(Option<HashMap<Uuid, Order>>);

impl ConcurrentChanges {
    /// A list was requested. Changes recorded for an earlier request stay: applying
    /// one twice has no effect.
    pub fn begin(&mut self) {
        self.0.get_or_insert_default();
    }

    /// Records changed orders while a list is being loaded.
    pub fn record(&mut self, changed: &[Order]) {
        let Some(orders) = &mut self.0 else { return };
        for order in changed {
            let is_known = orders.contains_key(&order.id);
            if !is_known && orders.len() >= MAX_ORDERS {
                continue;
            }
            let newest = orders.entry(order.id).or_insert_with(|| order.clone());
            if newest.version < order.version {
                newest.clone_from(order);
            }
        }
    }

    /// The list arrived, or loading it failed: the changes since it was requested.
    pub fn end(&mut self) -> Vec<Order> {
        self.0.take().unwrap_or_default().into_values().collect()
    }
}
