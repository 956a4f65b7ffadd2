//! What a page needs to show itself for the first time. Gathered on the server;
//! the browser receives it with the page.

use chrono::{DateTime, Utc};
use domain::wire::{
    DeliveryPage, DeliveryQuery, DeliveryStats, OrderPage, OrderQuery, OrderStats, Problem,
};
use serde::{Deserialize, Serialize};

use super::environment::now;
use super::operations::{cursor, deliveries, delivery_stats, orders, stats};

/// What the dashboard begins with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FirstOrders {
    /// The top of the list.
    pub page: OrderPage,
    /// Statistics.
    pub stats: OrderStats,
    /// Where to catch up from.
    pub cursor: String,
    /// Deliveries that failed for good.
    pub dead: u64,
    /// The data is made up.
    pub demo: bool,
    /// The server's time: ages are the same in both renderings.
    pub now: DateTime<Utc>,
}

/// What the inbox begins with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FirstDeliveries {
    /// The newest.
    pub page: DeliveryPage,
    /// What waits and what is dead.
    pub stats: DeliveryStats,
    /// The data is made up.
    pub demo: bool,
    /// The server's time: ages are the same in both renderings.
    pub now: DateTime<Utc>,
}

/// Loads what the dashboard begins with.
pub async fn first_orders(query: OrderQuery) -> Result<FirstOrders, Problem> {
    // Before the orders: what changes in between is caught up on, not missed.
    let cursor = cursor().await?;
    let (page, stats, inbox) = futures::join!(orders(query), stats(), delivery_stats());
    Ok(FirstOrders {
        cursor,
        page: page?,
        stats: stats?,
        dead: inbox?.dead,
        demo: is_demo(),
        now: now(),
    })
}

/// Loads what the inbox begins with.
pub async fn first_deliveries(query: DeliveryQuery) -> Result<FirstDeliveries, Problem> {
    let (page, stats) = futures::join!(deliveries(query), delivery_stats());
    Ok(FirstDeliveries {
        page: page?,
        stats: stats?,
        demo: is_demo(),
        now: now(),
    })
}

fn is_demo() -> bool {
    #[cfg(feature = "ssr")]
    return super::in_process::is_demo();
    #[cfg(not(feature = "ssr"))]
    return false;
}
