//! Conflation: of all that changed since the last frame, the newest version of
//! each order. A burst of thousands costs a dashboard a few frames.

use std::collections::HashMap;

use domain::wire::Order;
use uuid::Uuid;

/// Orders waiting for the next frame.
#[derive(Debug, Default)]
pub struct Conflater {
    waiting: HashMap<Uuid, Order>,
}

impl Conflater {
    /// Adds a change; an older version of the same order is forgotten, and an
    /// older version than what is waiting is not news.
    pub fn add(&mut self, order: Order) {
        let known = self.waiting.get(&order.id);
        if known.is_none_or(|known| known.version < order.version) {
            self.waiting.insert(order.id, order);
        }
    }

    /// Orders waiting.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Nothing is waiting.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Takes up to `limit` orders for a frame.
    pub fn take(&mut self, limit: usize) -> Vec<Order> {
        let ids: Vec<Uuid> = self.waiting.keys().take(limit).copied().collect();
        ids.iter()
            .filter_map(|id| self.waiting.remove(id))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::wire::Order;

    fn order(id: u128, version: i64) -> Order {
        serde_json::from_value(serde_json::json!({
            "id": Uuid::from_u128(id), "shopifyOrderId": "1", "name": "#1", "shop": "a",
            "status": "PENDING", "financialStatus": null, "fulfillmentStatus": null,
            "customer": null, "currency": "USD", "total": "1.00", "shippingFee": "0.00",
            "itemCount": 1, "trackingNumber": null, "notes": null, "version": version,
            "placedAt": "2026-01-01T00:00:00Z", "lastExternalUpdatedAt": "2026-01-01T00:00:00Z",
            "createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z"
        }))
        .unwrap()
    }

    #[test]
    fn only_the_newest_version_of_each_order_is_sent() {
        let mut conflater = Conflater::default();
        for (id, version) in [(1, 1), (2, 5), (1, 3), (1, 2), (2, 4)] {
            conflater.add(order(id, version));
        }
        let mut frame: Vec<_> = conflater.take(10).iter().map(|o| o.version).collect();
        frame.sort_unstable();
        assert_eq!(frame, [3, 5]);
        assert!(conflater.is_empty());
    }

    #[test]
    fn a_frame_is_bounded_and_the_rest_waits() {
        let mut conflater = Conflater::default();
        for id in 0..5 {
            conflater.add(order(id, 1));
        }
        assert_eq!(conflater.take(3).len(), 3);
        assert_eq!(conflater.take(3).len(), 2);
    }
}
