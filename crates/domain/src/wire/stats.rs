//! The statistics of orders.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::orders::status::OrderStatus;

/// The statistics of orders: answer of `GET /orders/stats`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct OrderStats {
    /// All orders.
    pub total_orders: u64,
    /// Orders placed in the last 24 hours.
    pub placed_last_24h: u64,
    /// The same by hour: 24 hours, oldest first; the last is the current one.
    #[serde(default)]
    pub placed_by_hour: Vec<HourCount>,
    /// Orders by status; every status is present.
    pub by_status: BTreeMap<OrderStatus, u64>,
    /// Orders that are shipped but not delivered.
    pub active_shipments: u64,
    /// Totals of confirmed, shipped and delivered orders by currency; the currency with the
    /// most orders first.
    pub revenue: Vec<Revenue>,
    /// Mean time from placed to delivered, in seconds; `null` if no order is delivered.
    pub average_delivery_seconds: Option<i64>,
}

/// Orders placed within one hour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct HourCount {
    /// When the hour began.
    pub hour: DateTime<Utc>,
    /// Orders placed.
    pub orders: u64,
}

/// Revenue in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Revenue {
    /// ISO 4217 code.
    pub currency: String,
    /// Exact decimal in major units.
    pub amount: String,
    /// The number of orders in the sum.
    pub orders: u64,
}
