//! The JSON between server and clients: names in camelCase, ids and amounts as strings,
//! times in RFC 3339 and UTC.

mod delivery;
mod object;
mod order;
pub mod presence;
mod problem;
mod query;
mod shop;
mod shopify_id;
mod stats;
pub mod sync;

pub use delivery::{
    DeliveryDetail, DeliveryFilter, DeliveryPage, DeliveryQuery, DeliveryState, DeliveryStats,
    DeliverySummary, Retried, RetryRequest, TOPICS, WebhookReceipt, WebhookStatus,
};
pub use object::Object;
pub use order::{Order, OrderChanges, OrderEvent, OrderEventPage, OrderPage, UpdateOrder};
pub use problem::{Conflict, Problem};
pub use query::{DEFAULT_PAGE, MAX_PAGE, OrderQuery, OrderSort, last_id_at};
pub use shop::{Shop, ShopList, ShopRemoval};
pub use shopify_id::ShopifyOrderId;
pub use stats::{HourCount, OrderStats, Revenue};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::orders::samples;
    use serde_json::{Value, json};

    #[test]
    fn an_order_is_serialised_with_the_names_of_the_contract() {
        let wire = serde_json::to_value(Order::from(&samples::order())).unwrap();
        assert_eq!(wire["shopifyOrderId"], "450789469");
        assert_eq!(wire["total"], "409.94");
        assert_eq!(wire["shippingFee"], "0.00");
        assert_eq!(wire["status"], "CONFIRMED");
        assert_eq!(wire["trackingNumber"], Value::Null);
        assert_eq!(wire["placedAt"], "2024-10-04T00:00:00Z");
        assert_eq!(wire.as_object().unwrap().len(), 20);
    }

    #[test]
    fn an_update_distinguishes_absent_from_null() {
        let update: UpdateOrder =
            serde_json::from_value(json!({"version": 3, "notes": null})).unwrap();
        assert_eq!(update.version, Some(3));
        assert_eq!(update.edit.notes, Some(None));
        assert_eq!(update.edit.tracking_number, None);
        assert_eq!(
            serde_json::to_value(&update).unwrap(),
            json!({"version": 3, "notes": null})
        );
    }

    #[test]
    fn every_sort_is_parsed_from_its_own_name() {
        for sort in OrderSort::ALL {
            assert_eq!(OrderSort::parse(sort.as_str()), Some(sort));
        }
    }
}
