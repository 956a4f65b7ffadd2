//! Key figures.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::orders::status::OrderStatus;

/// Key figures of `GET /orders/stats`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct OrderStats {
    /// All orders ever seen.
    pub total_orders: u64,
    /// Orders placed in the last 24 hours.
    pub placed_last_24h: u64,
    /// The same, hour by hour: 24 of them, oldest first; the last is under way.
    #[serde(default)]
    pub placed_by_hour: Vec<HourCount>,
    /// Orders by status; every status is present.
    pub by_status: BTreeMap<OrderStatus, u64>,
    /// Orders on their way.
    pub active_shipments: u64,
    /// Totals of confirmed, shipped and delivered orders, largest first.
    pub revenue: Vec<Revenue>,
    /// Mean time from placed to delivered, in seconds; `null` before the first.
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
    /// Orders it sums over.
    pub orders: u64,
}
