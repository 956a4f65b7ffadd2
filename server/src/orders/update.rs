//! `PUT /orders/{id}`: a person's edit, made on a version they saw.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::http::header::IF_MATCH;
use axum::response::Response;
use domain::api::{Order, UpdateOrder};
use domain::edit::FieldError;
use domain::status::UnknownStatus;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::edit::Edit;
use super::editor;
use super::idempotency::Idempotent;
use super::versioned;
use crate::error::{Error, Result};
use crate::http::json::JsonObject;
use crate::openapi::ProblemResponse;
use crate::state::AppState;

/// The version an order is first stored as.
const FIRST_VERSION: i64 = 1;

/// Edits an order.
///
/// `version` is the one the edit was made on; `If-Match: "3"` may say it
/// instead. Absent fields are kept, `null` clears. What others changed since is
/// merged unless both sides set the same field.
#[utoipa::path(put, path = "/orders/{id}", tag = "orders",
    params(
        ("id" = Uuid, Path, description = "The order"),
        ("If-Match" = Option<String>, Header, description = "The version, quoted"),
        ("X-Editor-Name" = Option<String>, Header, description = "Who edits, percent-encoded, for the history; at most 40 characters are kept"),
        ("Idempotency-Key" = Option<String>, Header, description = "Repeats get the same answer for 24 hours"),
    ),
    request_body = UpdateOrder,
    responses(
        (status = 200, body = Order, description = "The order as saved", headers(("ETag" = String, description = "Its version, quoted"))),
        (status = 400, response = ProblemResponse), (status = 404, response = ProblemResponse), (status = 409, response = ProblemResponse), (status = 413, response = ProblemResponse), (status = 415, response = ProblemResponse), (status = 422, response = ProblemResponse), (status = 428, response = ProblemResponse), (status = 503, response = ProblemResponse)
    )
)]
pub async fn handler(
    State(state): State<AppState>,
    id: std::result::Result<Path<Uuid>, PathRejection>,
    headers: HeaderMap,
    body: Result<JsonObject<Map<String, Value>>>,
) -> Result<Response> {
    let Path(id) = id?;
    let JsonObject(body) = body?;
    let mut update = read_update(body)?;
    let version = version(&update, &headers)?;
    update.edit = update.edit.validated().map_err(Error::InvalidFields)?;
    update.version = Some(version);
    let idempotent = Idempotent::from_headers(&headers, &update)?;
    let edit = Edit {
        id,
        version,
        update,
        actor: editor::actor(&headers),
        idempotent,
    };
    state.desk.save(edit).await.map(|order| versioned(&order))
}

/// Reads the body field by field, so that every complaint names its field. A
/// field nobody may edit is refused rather than ignored.
fn read_update(fields: Map<String, Value>) -> Result<UpdateOrder> {
    let mut update = UpdateOrder::default();
    let mut errors = Vec::new();
    for (field, value) in fields {
        let complaint = match (field.as_str(), value) {
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
        errors.push(FieldError {
            field,
            message: complaint,
        });
    }
    if errors.is_empty() {
        Ok(update)
    } else {
        Err(Error::InvalidFields(errors))
    }
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}

/// The version the edit was made on: from the body, or `If-Match: "3"`.
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
        (body, header) => body.or(header).ok_or(Error::VersionRequired),
    }
}
