//! On the server: the services behind the REST API, called directly. Only what
//! pages begin with is ever asked for here.

use domain::shop::ShopDomain;
use domain::wire::{
    DeliveryDetail, DeliveryFilter, DeliveryPage, DeliveryQuery, DeliveryStats, Order,
    OrderChanges, OrderEventPage, OrderPage, OrderQuery, OrderStats, Problem, Retried, ShopList,
    ShopRemoval, UpdateOrder,
};
use leptos::context::use_context;
use uuid::Uuid;

use super::unreachable_problem;
use crate::backend::BackendContext;

fn context() -> Result<BackendContext, Problem> {
    use_context().ok_or_else(|| unreachable_problem("no backend"))
}

/// Nobody clicks on the server.
async fn never<T>() -> Result<T, Problem> {
    std::future::ready(Err(unreachable_problem("not in a browser"))).await
}

pub(super) fn is_demo() -> bool {
    context().is_ok_and(|context| context.demo)
}

pub(super) async fn orders(query: OrderQuery) -> Result<OrderPage, Problem> {
    let backend = context()?.backend;
    backend.orders(&query).await.map_err(|error| error.0)
}

pub(super) async fn cursor() -> Result<String, Problem> {
    let backend = context()?.backend;
    backend.cursor().await.map_err(|error| error.0)
}

pub(super) async fn stats() -> Result<OrderStats, Problem> {
    let backend = context()?.backend;
    backend.stats().await.map_err(|error| error.0)
}

pub(super) async fn deliveries(query: DeliveryQuery) -> Result<DeliveryPage, Problem> {
    let backend = context()?.backend;
    backend.deliveries(&query).await.map_err(|error| error.0)
}

pub(super) async fn delivery_stats() -> Result<DeliveryStats, Problem> {
    let backend = context()?.backend;
    backend.delivery_stats().await.map_err(|error| error.0)
}

pub(super) async fn changes(_: String) -> Result<OrderChanges, Problem> {
    never().await
}

pub(super) async fn history(_: Uuid, _: Option<String>) -> Result<OrderEventPage, Problem> {
    never().await
}

pub(super) async fn update_order(
    _: Uuid,
    _: UpdateOrder,
    _: Uuid,
    _: &str,
) -> Result<Order, Problem> {
    never().await
}

pub(super) async fn delivery(_: Uuid) -> Result<DeliveryDetail, Problem> {
    never().await
}

pub(super) async fn retry_delivery(_: Uuid) -> Result<Retried, Problem> {
    never().await
}

pub(super) async fn retry_deliveries(_: DeliveryFilter) -> Result<Retried, Problem> {
    never().await
}

pub(super) async fn shops() -> Result<ShopList, Problem> {
    never().await
}

pub(super) async fn remove_shop(_: &ShopDomain) -> Result<ShopRemoval, Problem> {
    never().await
}
