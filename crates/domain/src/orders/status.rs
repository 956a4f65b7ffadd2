//! The five statuses of an order, into which the statuses of every channel are mapped.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The status of an order.
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
    /// Every status, in the sequence that an order usually passes through.
    pub const ALL: [Self; 5] = [
        Self::Pending,
        Self::Confirmed,
        Self::Shipped,
        Self::Delivered,
        Self::Cancelled,
    ];

    /// The name on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Confirmed => "CONFIRMED",
            Self::Shipped => "SHIPPED",
            Self::Delivered => "DELIVERED",
            Self::Cancelled => "CANCELLED",
        }
    }

    /// The name that people see.
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

/// The values that decide an order's status, after a message was merged with the stored
/// values. The texts are the channel's own statuses.
#[derive(Debug, Clone, Copy, Default)]
pub struct StatusSignals<'a> {
    /// The order is cancelled.
    pub cancelled: bool,
    /// The channel's fulfilment status.
    pub fulfillment: Option<&'a str>,
    /// Every shipment is delivered.
    pub all_delivered: bool,
    /// The channel's payment status.
    pub financial: Option<&'a str>,
}

/// Maps a channel's statuses onto the status of an order: a pure function, one for each
/// channel.
pub type StatusMap = fn(StatusSignals<'_>) -> OrderStatus;
