//! One function an operation of the REST API.

use domain::channels::shop::ShopDomain;
use domain::wire::{
    DeliveryDetail, DeliveryFilter, DeliveryPage, DeliveryQuery, DeliveryStats, Order,
    OrderChanges, OrderEventPage, OrderPage, OrderQuery, OrderStats, Problem, Retried,
    RetryRequest, ShopList, ShopRemoval, UpdateOrder,
};
use serde::de::DeserializeOwned;
use uuid::Uuid;

#[cfg(all(feature = "hydrate", not(feature = "ssr")))]
use super::browser as transport;
#[cfg(feature = "ssr")]
use super::in_process as transport;
#[cfg(not(any(feature = "hydrate", feature = "ssr")))]
use super::nowhere as transport;
use super::request::{Method, Request, text_of, unreachable_problem};

/// Sends a request, and reads what is answered.
async fn send<T: DeserializeOwned>(request: Request) -> Result<T, Problem> {
    let text = text_of(transport::send(request).await)?;
    serde_json::from_str(&text).map_err(unreachable_problem)
}

async fn get<T: DeserializeOwned>(url: String) -> Result<T, Problem> {
    send(Request::new(Method::Get, url)).await
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
    let request = Request::new(Method::Put, format!("/orders/{id}"))
        .with_header("Idempotency-Key", key.to_string())
        .with_header("X-Editor-Name", percent_encoded(name))
        .with_body(&update);
    send(request).await
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
    send(request.with_body(&())).await
}

/// The same for all dead deliveries that match.
pub async fn retry_deliveries(filter: DeliveryFilter) -> Result<Retried, Problem> {
    let request = Request::new(Method::Post, "/deliveries/retry".to_owned());
    send(request.with_body(&RetryRequest { filter })).await
}

/// The shops whose webhooks are accepted, by name.
pub async fn shops() -> Result<ShopList, Problem> {
    get("/shops".to_owned()).await
}

/// Erases a shop's orders, and takes it off the list. Its domain is made of letters,
/// digits, dashes and dots: nothing to encode.
pub async fn remove_shop(shop: &ShopDomain) -> Result<ShopRemoval, Problem> {
    send(Request::new(Method::Delete, format!("/shops/{shop}"))).await
}

/// Text for a header, which is ASCII.
fn percent_encoded(text: &str) -> String {
    #[cfg(all(feature = "hydrate", not(feature = "ssr")))]
    return js_sys::encode_uri_component(text).into();
    #[cfg(not(all(feature = "hydrate", not(feature = "ssr"))))]
    return text.to_owned();
}
