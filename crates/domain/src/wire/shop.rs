//! The shops from which webhooks come.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::channels::shop::ShopDomain;

/// A shop whose webhooks are accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Shop {
    /// Its domain, such as `acme.myshopify.com`.
    #[cfg_attr(feature = "openapi", schema(value_type = String, pattern = "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.myshopify\\.com$"))]
    pub shop: ShopDomain,
    /// When its first webhook was received.
    pub first_seen_at: DateTime<Utc>,
}

/// Answer of `GET /shops`: at most a thousand shops, sorted by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ShopList {
    /// The shops.
    pub data: Vec<Shop>,
}

/// Answer of `DELETE /shops/{shop}`: the removal has started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ShopRemoval {
    /// The delivery that carries it out, as if the shop had asked to be erased.
    pub delivery_id: Uuid,
}
