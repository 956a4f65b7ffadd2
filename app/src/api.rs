//! The REST API, as pages use it: one function an operation. In the browser requests
//! are sent over HTTP, on the server to the same router in process.
//!
//! - [`request`]: one request
//! - `browser`, `in_process`: the two ways in which it is sent
//! - `first`: what a page needs to show itself for the first time

mod first;
#[cfg(feature = "ssr")]
pub mod in_process;
pub mod request;
#[cfg(all(feature = "hydrate", not(feature = "ssr")))]
#[path = "api/browser.rs"]
mod transport;

use std::fmt::Display;

use chrono::{DateTime, Utc};
use domain::channels::shop::ShopDomain;
use domain::wire::{
    DeliveryDetail, DeliveryFilter, DeliveryPage, DeliveryQuery, DeliveryStats, Order,
    OrderChanges, OrderEventPage, OrderPage, OrderQuery, OrderStats, Problem, Retried,
    RetryRequest, ShopList, ShopRemoval, UpdateOrder,
};
use serde::de::DeserializeOwned;
use uuid::Uuid;

pub use first::{FirstDeliveries, FirstLook, first_deliveries, first_look};
#[cfg(feature = "ssr")]
use in_process as transport;
use request::{Method, Request};

/// Without a way to send a request there is no answer: the crate on its own.
#[cfg(not(any(feature = "hydrate", feature = "ssr")))]
mod transport {
    use super::request::{Answer, Request};

    pub(super) async fn send(_: Request) -> Result<Answer, String> {
        std::future::ready(Err("no transport".to_owned())).await
    }
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

async fn get<T: DeserializeOwned>(url: String) -> Result<T, Problem> {
    Request::new(Method::Get, url).send().await
}

/// One page of orders.
pub async fn orders(query: OrderQuery) -> Result<OrderPage, Problem> {
    get(format!("/orders?{}", query.to_query_string())).await
}

/// A cursor to catch up from.
pub async fn cursor() -> Result<String, Problem> {
    let changes: OrderChanges = get("/orders/changes".to_owned()).await?;
    Ok(changes.cursor)
}

/// What changed since a cursor.
pub async fn changes(since: String) -> Result<OrderChanges, Problem> {
    get(format!("/orders/changes?since={since}")).await
}

/// Statistics of orders.
pub async fn stats() -> Result<OrderStats, Problem> {
    get("/orders/stats".to_owned()).await
}

/// An order's history, newest first; from a cursor on.
pub async fn history(id: Uuid, cursor: Option<String>) -> Result<OrderEventPage, Problem> {
    let cursor = cursor.map(|cursor| format!("?cursor={cursor}"));
    get(format!("/orders/{id}/events{}", cursor.unwrap_or_default())).await
}

/// Saves an edit. Repeated under the same key, it is saved once. `name` says who, for
/// the history.
pub async fn update_order(
    id: Uuid,
    update: UpdateOrder,
    key: Uuid,
    name: &str,
) -> Result<Order, Problem> {
    Request::new(Method::Put, format!("/orders/{id}"))
        .with_header("Idempotency-Key", key.to_string())
        .with_header("X-Editor-Name", percent_encoded(name))
        .with_body(&update)
        .send()
        .await
}

/// One page of the inbox.
pub async fn deliveries(query: DeliveryQuery) -> Result<DeliveryPage, Problem> {
    get(format!("/deliveries?{}", query.to_query_string())).await
}

/// A delivery with its payload.
pub async fn delivery(id: Uuid) -> Result<DeliveryDetail, Problem> {
    get(format!("/deliveries/{id}")).await
}

/// How many deliveries wait, and how many are dead.
pub async fn delivery_stats() -> Result<DeliveryStats, Problem> {
    get("/deliveries/stats".to_owned()).await
}

/// Gives a dead delivery another three attempts.
pub async fn retry_delivery(id: Uuid) -> Result<Retried, Problem> {
    let request = Request::new(Method::Post, format!("/deliveries/{id}/retry"));
    request.with_body(&()).send().await
}

/// The same for all dead deliveries that match.
pub async fn retry_deliveries(filter: DeliveryFilter) -> Result<Retried, Problem> {
    let request = Request::new(Method::Post, "/deliveries/retry".to_owned());
    request.with_body(&RetryRequest { filter }).send().await
}

/// The shops whose webhooks are accepted, by name.
pub async fn shops() -> Result<ShopList, Problem> {
    get("/shops".to_owned()).await
}

/// Erases a shop's orders, and takes it off the list. Its domain is made of letters,
/// digits, dashes and dots: nothing to encode.
pub async fn remove_shop(shop: &ShopDomain) -> Result<ShopRemoval, Problem> {
    Request::new(Method::Delete, format!("/shops/{shop}"))
        .send()
        .await
}

/// Text for a header, which is ASCII.
fn percent_encoded(text: &str) -> String {
    #[cfg(all(feature = "hydrate", not(feature = "ssr")))]
    return js_sys::encode_uri_component(text).into();
    #[cfg(not(all(feature = "hydrate", not(feature = "ssr"))))]
    return text.to_owned();
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
