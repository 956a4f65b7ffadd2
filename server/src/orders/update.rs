//! `PUT /orders/{id}`: a person's edit, made on a version they saw.

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::http::header::IF_MATCH;
use axum::response::Response;
use domain::api::{Conflict, Order, UpdateOrder};
use domain::edit::{FieldError, OrderEdit};
use domain::order::OrderState;
use domain::status::UnknownStatus;
use sea_orm::ConnectionTrait;
use serde_json::Value;
use tracing::info;
use uuid::Uuid;

use super::store::{self, Actor, WriteError};
use super::versioned;
use crate::db::now;
use crate::error::{Error, Result};
use crate::state::AppState;

/// `PUT /orders/{id}`
pub async fn handler(
    State(state): State<AppState>,
    id: std::result::Result<Path<Uuid>, PathRejection>,
    headers: HeaderMap,
    body: std::result::Result<Json<Value>, JsonRejection>,
) -> Result<Response> {
    let Path(id) = id?;
    let Json(body) = body?;
    let update = read_update(body)?;
    let version = version(&update, &headers)?;
    let edit = update.edit.validated().map_err(Error::InvalidFields)?;

    let order = save(&state, id, version, &edit).await?;
    Ok(versioned(&Order::from(&order)))
}

/// Writes the edit if the order is still at `version`.
async fn save(state: &AppState, id: Uuid, version: i64, edit: &OrderEdit) -> Result<OrderState> {
    let tx = state.db.begin_write().await?;
    let current = store::lock(&*tx, id).await?.ok_or(Error::OrderNotFound)?;
    if current.version != version {
        return Err(conflict(&*tx, version, &current, edit).await?);
    }
    let Some(next) = edit.apply(&current, now()) else {
        return Ok(current);
    };
    let committed = store::write(&tx, Some(&current), next, &Actor::Person)
        .await
        .map_err(|error| match error {
            // The row is locked: nobody can have been faster.
            WriteError::Race => anyhow::anyhow!("a locked order changed").into(),
            WriteError::Database(error) => Error::from(error),
            WriteError::Other(error) => Error::from(error),
        })?;
    tx.commit().await?;
    let order = committed.order.clone();
    info!(order.id = %id, order.version = order.version, "order edited");
    state.publisher.publish(committed);
    Ok(order)
}

/// Says what changed since `version`, who did it, and when.
async fn conflict(
    db: &impl ConnectionTrait,
    version: i64,
    current: &OrderState,
    edit: &OrderEdit,
) -> Result<Error> {
    let history = store::events_after(db, current.id, version).await?;
    let conflicts = edit
        .differences(current)
        .into_iter()
        .map(|(field, yours, stored)| {
            // Newest first, so the first hit is the one that made it so.
            let made_by = history
                .iter()
                .find(|event| event.changes.iter().any(|change| change.field == field));
            Conflict {
                field: field.to_owned(),
                yours,
                current: stored,
                changed_by: made_by.map(|event| event.actor.clone()),
                changed_at: made_by.map(|event| event.at),
            }
        })
        .collect();
    Ok(Error::VersionConflict {
        version,
        current: Box::new(Order::from(current)),
        conflicts,
    })
}

/// Reads the body field by field, so that every complaint names its field. A
/// field nobody may edit is refused rather than ignored.
fn read_update(body: Value) -> Result<UpdateOrder> {
    let Value::Object(fields) = body else {
        return Err(Error::BadBody("the body must be a JSON object".into()));
    };
    let mut update = UpdateOrder::default();
    let mut errors = Vec::new();
    for (field, value) in fields {
        let complaint = match (field.as_str(), value) {
            ("version", value) => match value.as_i64() {
                Some(version) => {
                    update.version = Some(version);
                    continue;
                }
                None => "must be a whole number".to_owned(),
            },
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
