//! The shops whose webhooks are accepted. Shopify signs only the body of a webhook, not
//! the header that names the shop, so without a limit an attacker with one captured
//! webhook could invent any number of shops.
//!
//! - [`admission`]: decides which shops are accepted
//! - [`store`]: the SQL
//!
//! This module has the REST API that lists the shops and removes one.

pub mod admission;
mod entity;
pub mod store;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use channels::shopify::topic::Topic;
use domain::channels::account::ChannelAccount;
use domain::channels::event::ChannelEvent;
use domain::channels::shop;
use domain::wire::{ShopList, ShopRemoval};
use platform::db::{new_id, now};
use platform::http::error::Result;
use platform::http::problem::ProblemResponse;
use serde_json::json;
use tracing::info;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::deliveries::entity::DeliveryState;
use crate::deliveries::{NewDelivery, Stored};
use crate::error::InboxError;
use crate::handle::{ANSWER_TIMEOUT, Inbox};

/// The shop endpoints.
pub fn routes() -> OpenApiRouter<Inbox> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(remove))
}

/// The shops whose webhooks are accepted, by name.
#[utoipa::path(get, path = "/shops", tag = "shops", operation_id = "list_shops", responses(
    (status = 200, body = ShopList, description = "The shops, at most a thousand"),
    (status = 503, response = ProblemResponse)
))]
pub async fn list(State(inbox): State<Inbox>) -> Result<Json<ShopList>> {
    let data = store::list(inbox.0.db.read()).await?;
    Ok(Json(ShopList { data }))
}

/// Removes a shop and everything that was received from it.
///
/// The removal is carried out like the shop's own request to be erased: as a delivery,
/// which survives a restart and is listed among the others. A later signed webhook of
/// the shop adds it again as a new shop.
#[utoipa::path(delete, path = "/shops/{shop}", tag = "shops",
    params(("shop" = String, Path, pattern = "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.myshopify\\.com$", description = "Its domain, such as acme.myshopify.com")),
    responses(
        (status = 202, body = ShopRemoval, description = "The removal has started"),
        (status = 404, response = ProblemResponse), (status = 503, response = ProblemResponse)
    )
)]
pub async fn remove(
    State(inbox): State<Inbox>,
    name: std::result::Result<Path<String>, PathRejection>,
) -> Result<(StatusCode, Json<ShopRemoval>)> {
    // A path that is not valid text names no shop.
    let Path(name) = name.map_err(|_| InboxError::ShopNotFound)?;
    let name = shop::normal(&name);
    if !store::is_known(inbox.0.db.read(), &name).await? {
        return Err(InboxError::ShopNotFound.into());
    }
    let id = new_id();
    let removal = NewDelivery {
        id,
        account: ChannelAccount::shopify(name.clone()),
        webhook_id: format!("removed-{id}"),
        topic: Topic::ShopRedact.as_str().to_owned(),
        triggered_at: None,
        received_at: now(),
        state: DeliveryState::Pending,
        error: None,
        event: Some(ChannelEvent::AccountRedacted),
        payload: json!({"shop_domain": name}).to_string().into_bytes(),
    };
    let deadline = tokio::time::Instant::now() + ANSWER_TIMEOUT;
    let (Stored::New(delivery_id) | Stored::Duplicate(delivery_id)) =
        inbox.store(removal, deadline).await?;
    inbox.0.shops.forget(&name);
    info!(shop = name, delivery.id = %delivery_id, "shop is being removed");
    Ok((StatusCode::ACCEPTED, Json(ShopRemoval { delivery_id })))
}
