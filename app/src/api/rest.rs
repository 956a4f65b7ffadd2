//! In the browser: the REST API.

use domain::shop::ShopDomain;
use domain::wire::{
    DeliveryDetail, DeliveryFilter, DeliveryPage, DeliveryQuery, DeliveryStats, Order,
    OrderChanges, OrderEventPage, OrderPage, OrderQuery, OrderStats, Problem, Retried,
    RetryRequest, ShopList, ShopRemoval, UpdateOrder,
};
use gloo_net::http::Request;
use send_wrapper::SendWrapper;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::unreachable_problem;

/// An answer's text. Of no type: what it means is told apart at the end, so that
/// asking is compiled once.
async fn answer(request: Result<Request, gloo_net::Error>) -> Result<String, Problem> {
    let request = request.map_err(unreachable_problem)?;
    // The browser has one thread; Leptos asks for `Send` all the same.
    SendWrapper::new(async move {
        let response = request.send().await.map_err(unreachable_problem)?;
        let text = response.text().await;
        if response.ok() {
            return text.map_err(unreachable_problem);
        }
        let status = response.status();
        let problem = text.ok().and_then(|text| serde_json::from_str(&text).ok());
        Err(problem.unwrap_or_else(|| Problem {
            status,
            ..unreachable_problem(format!("unexpected answer, status {status}"))
        }))
    })
    .await
}

fn read<T: DeserializeOwned>(answer: Result<String, Problem>) -> Result<T, Problem> {
    serde_json::from_str(&answer?).map_err(unreachable_problem)
}

async fn get<T: DeserializeOwned>(url: String) -> Result<T, Problem> {
    read(answer(Request::get(&url).build()).await)
}

async fn post<T: DeserializeOwned>(url: String, body: &impl Serialize) -> Result<T, Problem> {
    read(answer(Request::post(&url).json(body)).await)
}

pub(super) async fn orders(query: OrderQuery) -> Result<OrderPage, Problem> {
    get(format!("/orders?{}", query.to_query_string())).await
}

pub(super) async fn stats() -> Result<OrderStats, Problem> {
    get("/orders/stats".to_owned()).await
}

pub(super) async fn cursor() -> Result<String, Problem> {
    let changes: OrderChanges = get("/orders/changes".to_owned()).await?;
    Ok(changes.cursor)
}

pub(super) async fn changes(since: String) -> Result<OrderChanges, Problem> {
    get(format!("/orders/changes?since={since}")).await
}

pub(super) async fn history(id: Uuid, cursor: Option<String>) -> Result<OrderEventPage, Problem> {
    let cursor = cursor.map(|cursor| format!("?cursor={cursor}"));
    get(format!("/orders/{id}/events{}", cursor.unwrap_or_default())).await
}

pub(super) async fn update_order(
    id: Uuid,
    update: UpdateOrder,
    key: Uuid,
    name: &str,
) -> Result<Order, Problem> {
    let name = String::from(js_sys::encode_uri_component(name));
    let request = Request::put(&format!("/orders/{id}"))
        .header("Idempotency-Key", &key.to_string())
        .header("X-Editor-Name", &name)
        .json(&update);
    read(answer(request).await)
}

pub(super) async fn deliveries(query: DeliveryQuery) -> Result<DeliveryPage, Problem> {
    get(format!("/deliveries?{}", query.to_query_string())).await
}

pub(super) async fn delivery(id: Uuid) -> Result<DeliveryDetail, Problem> {
    get(format!("/deliveries/{id}")).await
}

pub(super) async fn delivery_stats() -> Result<DeliveryStats, Problem> {
    get("/deliveries/stats".to_owned()).await
}

pub(super) async fn retry_delivery(id: Uuid) -> Result<Retried, Problem> {
    post(format!("/deliveries/{id}/retry"), &()).await
}

pub(super) async fn retry_deliveries(filter: DeliveryFilter) -> Result<Retried, Problem> {
    post("/deliveries/retry".to_owned(), &RetryRequest { filter }).await
}

pub(super) async fn shops() -> Result<ShopList, Problem> {
    get("/shops".to_owned()).await
}

/// Its domain is made of letters, digits, dashes and dots: nothing to encode.
pub(super) async fn remove_shop(shop: &ShopDomain) -> Result<ShopRemoval, Problem> {
    read(answer(Request::delete(&format!("/shops/{shop}")).build()).await)
}
