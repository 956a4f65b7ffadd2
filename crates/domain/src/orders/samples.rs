//! Orders for unit tests.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::channels::account::{ChannelAccount, ExternalOrderId, OrderKey};
use crate::orders::order::{ChannelClock, ChannelFields, Customer, OrderState};
use crate::orders::status::OrderStatus;

/// A fixed time plus `seconds`.
pub(crate) fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::seconds(seconds)
}

/// A paid order at version 1.
pub(crate) fn order() -> OrderState {
    OrderState {
        id: Uuid::from_u128(1),
        key: OrderKey {
            external_id: ExternalOrderId::new("450789469").unwrap(),
            account: ChannelAccount::shopify("acme.myshopify.com"),
        },
        group_id: None,
        channel: ChannelFields {
            name: "#1001".into(),
            financial_status: Some("paid".into()),
            fulfillment_status: None,
            customer: Some(Customer {
                name: Some("Ada Byron".into()),
                email: Some("ada@example.com".into()),
            }),
            currency: "USD".into(),
            total_minor: 40_994,
            shipping_fee_minor: 0,
            item_count: 3,
            placed_at: at(0),
            status: OrderStatus::Confirmed,
        },
        status: OrderStatus::Confirmed,
        tracking_number: None,
        notes: None,
        delivered_at: None,
        deleted_at: None,
        redacted_at: None,
        version: 1,
        clock: ChannelClock {
            updated_at: at(0),
            triggered_at: at(0),
            digest: 0,
        },
        created_at: at(1),
        updated_at: at(1),
    }
}
