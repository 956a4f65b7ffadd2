//! `PUT /orders/{id}`: reads an edit and checks its fields, so that every error names the
//! field that it is about.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::http::header::IF_MATCH;
use axum::response::Response;
use domain::orders::edit::FieldError;
use domain::orders::status::{OrderStatus, UnknownStatus};
use domain::wire::{Order, UpdateOrder};
use platform::http::error::{Error, Result};
use platform::http::json::JsonObject;
use platform::http::problem::ProblemResponse;
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::editor;
use super::evaluate::Edit;
use super::idempotency::Idempotent;
use crate::error::OrderError;
use crate::handle::Orders;
use crate::response::{order_id, versioned};

/// The version of a new order.
const FIRST_VERSION: i64 = 1;

/// The headers of an edit, for the `OpenAPI` document.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "each is read where it is used")]
struct Headers {
    /// The version, quoted.
    #[param(
        value_type = String,
        required = false,
        rename = "If-Match",
        pattern = r#"^(W/)?"?[1-9][0-9]{0,17}"?$"#
    )]
    if_match: Option<String>,
    /// The editor's name, percent-encoded, for the history; at most 40 characters are kept.
    #[param(value_type = String, required = false, rename = "X-Editor-Name")]
    editor: Option<String>,
    /// For 24 hours, repeats of the request get the same answer.
    #[param(
        value_type = String,
        required = false,
        rename = "Idempotency-Key",
        max_length = 255,
        pattern = "^[!-~]([\\t -~]{0,253}[!-~])?$"
    )]
    idempotency_key: Option<String>,
}

/// Body of `PUT /orders/{id}`. An absent field is kept; `null` clears a field that may be
/// empty.
// The `OpenAPI` document's description of what `read_update` accepts.
#[derive(ToSchema)]
#[schema(as = UpdateOrder)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(dead_code, reason = "read field by field")]
struct UpdateBody {
    /// The version the edit was made on; may be in the `If-Match` header instead.
    #[schema(required = false, minimum = 1)]
    version: i64,
    /// `false`: any change since `version` is a conflict, whatever its field.
    #[schema(required = false)]
    merge: bool,
    /// The order's status.
    #[schema(required = false)]
    status: OrderStatus,
    /// Carrier's tracking number.
    #[schema(max_length = 100, pattern = "^[^\\x00-\\x1f\\x7f-\\x9f]*$")]
    tracking_number: Option<String>,
    /// Free text.
    #[schema(
        max_length = 5000,
        pattern = "^[^\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f]*$"
    )]
    notes: Option<String>,
}

/// Edits an order.
///
/// `version` is the version that the edit was made on; it may be in `If-Match: "3"`
/// instead. Absent fields are kept, `null` clears a field. Later changes by others are
/// kept too; a field that both set to different values is a conflict.
#[utoipa::path(put, path = "/orders/{id}", tag = "orders", operation_id = "update_order",
    params(("id" = Uuid, Path, description = "The order"), Headers),
    request_body = UpdateBody,
    responses(
        (status = 200, body = Order, description = "The order as saved", headers(("ETag" = String, description = "Its version, quoted"))),
        (status = 400, response = ProblemResponse), (status = 404, response = ProblemResponse), (status = 409, response = ProblemResponse), (status = 413, response = ProblemResponse), (status = 415, response = ProblemResponse), (status = 422, response = ProblemResponse), (status = 428, response = ProblemResponse), (status = 503, response = ProblemResponse)
    )
)]
pub async fn handler(
    State(orders): State<Orders>,
    id: std::result::Result<Path<Uuid>, PathRejection>,
    headers: HeaderMap,
    body: Result<JsonObject<Map<String, Value>>>,
) -> Result<Response> {
    let id = order_id(id)?;
    let JsonObject(body) = body?;
    let mut update = read_update(body)?;
    let version = version(&update, &headers)?;
    update.edit = update.edit.validated().map_err(OrderError::InvalidFields)?;
    update.version = Some(version);
    let idempotent = Idempotent::from_headers(&headers, &update)?;
    let edit = Edit {
        id,
        version,
        update,
        actor: editor::actor(&headers),
        idempotent,
    };
    let order = orders.0.edits.save(edit).await?;
    Ok(versioned(&order))
}

/// Reads the body field by field, so that every error names its field. A field that may
/// not be edited is refused, not ignored.
fn read_update(fields: Map<String, Value>) -> Result<UpdateOrder, OrderError> {
    let mut update = UpdateOrder::default();
    let mut errors = Vec::new();
    for (field, value) in fields {
        let message = match (field.as_str(), value) {
            ("version", value) => match value.as_i64() {
                Some(version) if version >= FIRST_VERSION => {
                    update.version = Some(version);
                    continue;
                }
                _ => format!("must be a whole number from {FIRST_VERSION}"),
            },
            ("merge", Value::Bool(merge)) => {
                update.merge = Some(merge);
                continue;
            }
            ("merge", _) => "must be true or false".to_owned(),
            ("status", Value::String(status)) => match status.parse() {
                Ok(status) => {
                    update.edit.status = Some(status);
                    continue;
                }
                Err(error) => UnknownStatus::to_string(&error),
            },
            ("status", _) => "must be a string; an order always has a status".to_owned(),
            ("trackingNumber", value @ (Value::String(_) | Value::Null)) => {
                update.edit.tracking_number = Some(text(value));
                continue;
            }
            ("notes", value @ (Value::String(_) | Value::Null)) => {
                update.edit.notes = Some(text(value));
                continue;
            }
            ("trackingNumber" | "notes", _) => "must be a string, or null to clear it".to_owned(),
            _ => "cannot be changed; status, trackingNumber and notes can".to_owned(),
        };
        errors.push(FieldError { field, message });
    }
    if errors.is_empty() {
        Ok(update)
    } else {
        Err(OrderError::InvalidFields(errors))
    }
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}

/// The version that the edit was made on, from the body or from `If-Match: "3"`.
fn version(update: &UpdateOrder, headers: &HeaderMap) -> Result<i64> {
    let matched = match headers.get(IF_MATCH) {
        None => None,
        Some(value) => Some(
            value
                .to_str()
                .ok()
                .and_then(|tag| {
                    tag.trim()
                        .trim_start_matches("W/")
                        .trim_matches('"')
                        .parse()
                        .ok()
                })
                .filter(|version| *version >= FIRST_VERSION)
                .ok_or_else(|| {
                    Error::BadBody("If-Match must be a version, such as \"3\"".into())
                })?,
        ),
    };
    match (update.version, matched) {
        (Some(body), Some(header)) if body != header => Err(Error::BadBody(
            "'version' and If-Match name different versions".into(),
        )),
        (body, header) => Ok(body.or(header).ok_or(OrderError::VersionRequired)?),
    }
}
