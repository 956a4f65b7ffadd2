//! Errors in the form that clients receive.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::order::Order;
use crate::orders::edit::FieldError;

/// A field that two people, or a person and the channel, set to different values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Conflict {
    /// Wire name.
    pub field: String,
    /// The value of the refused edit.
    pub yours: Value,
    /// The stored value.
    pub current: Value,
    /// Who set the stored value, if the history has it.
    pub changed_by: Option<String>,
    /// When it was set.
    pub changed_at: Option<DateTime<Utc>>,
}

/// An error, as RFC 9457 `application/problem+json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// Stable identifier of the kind of error, such as `/problems/version-conflict`.
    #[serde(rename = "type")]
    #[cfg_attr(feature = "openapi", schema(pattern = "^/problems/[a-z-]+$"))]
    pub kind: String,
    /// The name of that kind.
    pub title: String,
    /// HTTP status code.
    #[cfg_attr(feature = "openapi", schema(minimum = 400, maximum = 599))]
    pub status: u16,
    /// The reason in this case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The order as stored, on a version conflict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<Box<Order>>,
    /// The fields in conflict.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<Conflict>,
    /// The fields that were refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// The delivery as which a rejected webhook was recorded.
    #[serde(
        default,
        rename = "deliveryId",
        skip_serializing_if = "Option::is_none"
    )]
    pub delivery_id: Option<Uuid>,
}
