//! The desk's five statuses, and how Shopify's own map onto them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Where an order stands on the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "UPPERCASE")]
pub enum OrderStatus {
    /// Not paid yet.
    Pending,
    /// Paid, waiting to be shipped.
    Confirmed,
    /// On its way.
    Shipped,
    /// Every shipment reported delivered.
    Delivered,
    /// Cancelled, voided or fully refunded.
    Cancelled,
}

impl OrderStatus {
    /// Every status, in the order of an order's life.
    pub const ALL: [Self; 5] = [
        Self::Pending,
        Self::Confirmed,
        Self::Shipped,
        Self::Delivered,
        Self::Cancelled,
    ];

    /// The wire and database spelling.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Confirmed => "CONFIRMED",
            Self::Shipped => "SHIPPED",
            Self::Delivered => "DELIVERED",
            Self::Cancelled => "CANCELLED",
        }
    }

    /// The spelling for people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::Confirmed => "Confirmed",
            Self::Shipped => "Shipped",
            Self::Delivered => "Delivered",
            Self::Cancelled => "Cancelled",
        }
    }
}

impl fmt::Display for OrderStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is none of the five statuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a status; use PENDING, CONFIRMED, SHIPPED, DELIVERED or CANCELLED")]
pub struct UnknownStatus(pub String);

impl FromStr for OrderStatus {
    type Err = UnknownStatus;

    fn from_str(text: &str) -> Result<Self, UnknownStatus> {
        Self::ALL
            .into_iter()
            .find(|status| status.as_str().eq_ignore_ascii_case(text.trim()))
            .ok_or_else(|| UnknownStatus(text.to_owned()))
    }
}

/// What a payload says about an order's progress. Shopify's enums stay open:
/// a value nobody knows yet is simply not one of those matched below.
#[derive(Debug, Clone, Copy, Default)]
pub struct Progress<'a> {
    /// `cancelled_at` is set.
    pub cancelled: bool,
    /// `fulfillment_status`
    pub fulfillment: Option<&'a str>,
    /// Every fulfillment's `shipment_status` is `delivered`.
    pub all_delivered: bool,
    /// `financial_status`
    pub financial: Option<&'a str>,
}

/// Maps Shopify's view onto the desk's. Fulfilment outranks payment: goods
/// that left the building are shipped, paid or not.
pub fn map(progress: Progress<'_>) -> OrderStatus {
    if progress.cancelled {
        return OrderStatus::Cancelled;
    }
    match (progress.fulfillment, progress.financial) {
        (Some("fulfilled"), _) if progress.all_delivered => OrderStatus::Delivered,
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
        map(Progress {
            fulfillment,
            financial,
            ..Progress::default()
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
        let progress = Progress {
            fulfillment: Some("fulfilled"),
            all_delivered: true,
            ..Progress::default()
        };
        assert_eq!(map(progress), OrderStatus::Delivered);
        assert_eq!(
            map(Progress {
                fulfillment: None,
                ..progress
            }),
            OrderStatus::Pending
        );
    }

    #[test]
    fn a_cancellation_outranks_everything() {
        assert_eq!(
            map(Progress {
                cancelled: true,
                fulfillment: Some("fulfilled"),
                all_delivered: true,
                financial: Some("paid"),
            }),
            OrderStatus::Cancelled
        );
    }
}
