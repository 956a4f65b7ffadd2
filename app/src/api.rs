//! Data for pages: one signature each, two sources. On the server the services
//! are called directly; the browser uses the REST API.
//!
//! - `first`: what a page needs to show itself for the first time
//! - `services`, `rest`: the two sources

mod first;
#[cfg(feature = "hydrate")]
mod rest;
#[cfg(feature = "ssr")]
mod services;

use std::fmt::Display;

use chrono::{DateTime, Utc};
use domain::shop::ShopDomain;
use domain::wire::{
    DeliveryDetail, DeliveryFilter, DeliveryPage, DeliveryQuery, DeliveryStats, Order,
    OrderChanges, OrderEventPage, OrderPage, OrderQuery, OrderStats, Problem, Retried, ShopList,
    ShopRemoval, UpdateOrder,
};
use uuid::Uuid;

pub use first::{FirstDeliveries, FirstLook, first_deliveries, first_look};

#[cfg(all(feature = "hydrate", not(feature = "ssr")))]
use rest as source;
#[cfg(feature = "ssr")]
use services as source;

/// Without a source there is nothing to show: the crate on its own.
#[cfg(not(any(feature = "hydrate", feature = "ssr")))]
macro_rules! ask {
    ($call:ident ( $($argument:expr),* )) => {{
        let _ = ($(&$argument,)*);
        std::future::ready(Err(unreachable_problem("no source"))).await
    }};
}

#[cfg(any(feature = "hydrate", feature = "ssr"))]
macro_rules! ask {
    ($call:ident ( $($argument:expr),* )) => {
        source::$call($($argument),*).await
    };
}

/// A problem that never reached a server, or not one of ours.
pub fn unreachable_problem(detail: impl Display) -> Problem {
    Problem {
        kind: "/problems/unreachable".to_owned(),
        title: "The server could not be reached".to_owned(),
        status: 0,
        detail: Some(detail.to_string()),
        current: None,
        conflicts: Vec::new(),
        errors: Vec::new(),
        delivery_id: None,
    }
}

/// One page of orders.
pub async fn orders(query: OrderQuery) -> Result<OrderPage, Problem> {
    ask!(orders(query))
}

/// A cursor to catch up from.
pub async fn cursor() -> Result<String, Problem> {
    ask!(cursor())
}

/// What changed since a cursor: `GET /orders/changes`.
pub async fn changes(since: String) -> Result<OrderChanges, Problem> {
    ask!(changes(since))
}

/// Key figures.
pub async fn stats() -> Result<OrderStats, Problem> {
    ask!(stats())
}

/// An order's history, newest first; from a cursor on.
pub async fn history(id: Uuid, cursor: Option<String>) -> Result<OrderEventPage, Problem> {
    ask!(history(id, cursor))
}

/// Saves an edit: `PUT /orders/{id}`. Repeated under the same key, it is saved
/// once. `name` says who, for the history.
pub async fn update_order(
    id: Uuid,
    update: UpdateOrder,
    key: Uuid,
    name: &str,
) -> Result<Order, Problem> {
    ask!(update_order(id, update, key, name))
}

/// One page of the inbox.
pub async fn deliveries(query: DeliveryQuery) -> Result<DeliveryPage, Problem> {
    ask!(deliveries(query))
}

/// A delivery with its payload.
pub async fn delivery(id: Uuid) -> Result<DeliveryDetail, Problem> {
    ask!(delivery(id))
}

/// How many deliveries wait, and how many are dead.
pub async fn delivery_stats() -> Result<DeliveryStats, Problem> {
    ask!(delivery_stats())
}

/// Gives a dead delivery another three attempts.
pub async fn retry_delivery(id: Uuid) -> Result<Retried, Problem> {
    ask!(retry_delivery(id))
}

/// The same for all dead deliveries that match.
pub async fn retry_deliveries(filter: DeliveryFilter) -> Result<Retried, Problem> {
    ask!(retry_deliveries(filter))
}

/// The shops whose webhooks are taken, by name.
pub async fn shops() -> Result<ShopList, Problem> {
    ask!(shops())
}

/// Erases a shop's orders, and takes it off the list: `DELETE /shops/{shop}`.
pub async fn remove_shop(shop: &ShopDomain) -> Result<ShopRemoval, Problem> {
    ask!(remove_shop(shop))
}

/// A new idempotency key. It has to be new, not secret.
pub fn new_key() -> Uuid {
    #[cfg(all(feature = "hydrate", not(feature = "ssr")))]
    {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "random bytes"
        )]
        let bytes = std::array::from_fn(|_| (js_sys::Math::random() * 256.0) as u8);
        return uuid::Builder::from_random_bytes(bytes).into_uuid();
    }
    #[cfg(not(all(feature = "hydrate", not(feature = "ssr"))))]
    return Uuid::nil();
}

/// The time now.
pub fn now() -> DateTime<Utc> {
    #[cfg(all(feature = "hydrate", not(feature = "ssr")))]
    {
        // The standard library has no clock in the browser.
        #[expect(clippy::cast_possible_truncation, reason = "whole milliseconds")]
        return DateTime::from_timestamp_millis(js_sys::Date::now() as i64).unwrap_or_default();
    }
    #[cfg(not(all(feature = "hydrate", not(feature = "ssr"))))]
    return std::time::SystemTime::now().into();
}
