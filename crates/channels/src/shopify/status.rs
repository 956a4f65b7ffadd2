//! Maps Shopify's statuses onto the status of an order.
//!
//! Source: Shopify REST Admin API, resource Order: `financial_status`,
//! `fulfillment_status`, and `shipment_status` of fulfillments.

use domain::orders::status::{OrderStatus, StatusSignals};

/// Maps Shopify's statuses onto the status of an order. Fulfilment outranks payment:
/// goods that have left the warehouse are shipped, whether they are paid or not. An
/// unknown value counts as missing, because Shopify extends its enums.
pub fn map(signals: StatusSignals<'_>) -> OrderStatus {
    if signals.cancelled {
        return OrderStatus::Cancelled;
    }
    match (signals.fulfillment, signals.financial) {
        (Some("fulfilled"), _) if signals.all_delivered => OrderStatus::Delivered,
        (Some("fulfilled"), _) => OrderStatus::Shipped,
        (Some("restocked"), _) | (_, Some("refunded" | "voided" | "expired")) => {
            OrderStatus::Cancelled
        }
        (_, Some("paid" | "partially_paid" | "partially_refunded")) => OrderStatus::Confirmed,
        _ => OrderStatus::Pending,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapped(fulfillment: Option<&str>, financial: Option<&str>) -> OrderStatus {
        map(StatusSignals {
            fulfillment,
            financial,
            ..StatusSignals::default()
        })
    }

    #[test]
    fn payment_alone_confirms_or_cancels() {
        for paid in ["paid", "partially_paid", "partially_refunded"] {
            assert_eq!(mapped(None, Some(paid)), OrderStatus::Confirmed);
        }
        for gone in ["refunded", "voided", "expired"] {
            assert_eq!(mapped(None, Some(gone)), OrderStatus::Cancelled);
        }
    }

    #[test]
    fn unknown_values_leave_an_order_pending() {
        for unknown in [None, Some("pending"), Some("authorized"), Some("moon_paid")] {
            assert_eq!(mapped(None, unknown), OrderStatus::Pending);
            assert_eq!(mapped(Some("beamed"), unknown), OrderStatus::Pending);
        }
    }

    #[test]
    fn fulfilment_outranks_payment() {
        assert_eq!(
            mapped(Some("fulfilled"), Some("refunded")),
            OrderStatus::Shipped
        );
        assert_eq!(
            mapped(Some("partial"), Some("paid")),
            OrderStatus::Confirmed
        );
        assert_eq!(
            mapped(Some("restocked"), Some("paid")),
            OrderStatus::Cancelled
        );
    }

    #[test]
    fn an_order_is_delivered_only_when_every_shipment_is() {
        let signals = StatusSignals {
            fulfillment: Some("fulfilled"),
            all_delivered: true,
            ..StatusSignals::default()
        };
        assert_eq!(map(signals), OrderStatus::Delivered);
        assert_eq!(
            map(StatusSignals {
                fulfillment: None,
                ..signals
            }),
            OrderStatus::Pending
        );
    }

    #[test]
    fn a_cancellation_outranks_everything() {
        assert_eq!(
            map(StatusSignals {
                cancelled: true,
                fulfillment: Some("fulfilled"),
                all_delivered: true,
                financial: Some("paid"),
            }),
            OrderStatus::Cancelled
        );
    }
}
