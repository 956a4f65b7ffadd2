//! The shops webhooks are taken of. Only bodies are signed, not the header that
//! names the shop: without a limit, whoever has one signed webhook could make up
//! any number of shops.
//!
//! - [`admission`]: which shops get in
//! - [`store`]: the SQL
//!
//! The REST API is here: look at the shops, and remove one.

pub mod admission;
pub mod store;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{delete, get};
use axum::{Json, Router};
use domain::notice::Notice;
use domain::shop;
use domain::topic::Topic;
use domain::wire::{ShopList, ShopRemoval};
use serde_json::json;
use tracing::info;

use crate::db::entities::delivery::DeliveryState;
use crate::db::{new_id, now};
use crate::deliveries::inbox::ANSWER_TIMEOUT;
use crate::deliveries::{NewDelivery, SOURCE_SHOPIFY, Stored};
use crate::error::{Error, Result};
use crate::openapi::ProblemResponse;
use crate::state::AppState;

/// The shop endpoints.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/shops", get(list))
        .route("/shops/{shop}", delete(remove))
}

/// The shops whose webhooks are taken, by name.
#[utoipa::path(get, path = "/shops", tag = "shops", operation_id = "list_shops", responses(
    (status = 200, body = ShopList, description = "The shops, a thousand at most"),
    (status = 503, response = ProblemResponse)
))]
pub async fn list(State(state): State<AppState>) -> Result<Json<ShopList>> {
    let data = store::list(state.db.read()).await?;
    Ok(Json(ShopList { data }))
}

/// Removes a shop, and all that came from it.
///
/// It is carried out like the shop's own request to be erased: as a delivery,
/// which survives a restart and is seen among the others. A signed webhook
/// of the shop would let it in again, as a new one.
#[utoipa::path(delete, path = "/shops/{shop}", tag = "shops",
    params(("shop" = String, Path, pattern = "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.myshopify\\.com$", description = "Its domain, such as acme.myshopify.com")),
    responses(
        (status = 202, body = ShopRemoval, description = "The removal is under way"),
        (status = 404, response = ProblemResponse), (status = 503, response = ProblemResponse)
    )
)]
pub async fn remove(
    State(state): State<AppState>,
    name: std::result::Result<Path<String>, PathRejection>,
) -> Result<(StatusCode, Json<ShopRemoval>)> {
    // What is no text names no shop.
    let Path(name) = name.map_err(|_| Error::ShopNotFound)?;
    let name = shop::normal(&name);
    if !store::is_known(state.db.read(), &name).await? {
        return Err(Error::ShopNotFound);
    }
    let id = new_id();
    let removal = NewDelivery {
        id,
        source: SOURCE_SHOPIFY,
        shop: name.clone(),
        webhook_id: format!("removed-{id}"),
        topic: Topic::ShopRedact.as_str().to_owned(),
        triggered_at: None,
        received_at: now(),
        state: DeliveryState::Pending,
        error: None,
        notice: Some(Notice::RedactShop),
        payload: json!({"shop_domain": name}).to_string().into_bytes(),
    };
    let deadline = tokio::time::Instant::now() + ANSWER_TIMEOUT;
    let (Stored::New(delivery_id) | Stored::Duplicate(delivery_id)) =
        state.inbox.store(removal, deadline).await?;
    state.shops.forget(&name);
    info!(shop = name, delivery.id = %delivery_id, "shop is being removed");
    Ok((StatusCode::ACCEPTED, Json(ShopRemoval { delivery_id })))
}
