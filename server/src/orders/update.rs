//! `PUT /orders/{id}`: a person's edit, made on a version they saw.

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::http::header::IF_MATCH;
use axum::response::Response;
use domain::api::{Conflict, Order, OrderEvent, UpdateOrder};
use domain::edit::{Difference, FieldError, OrderEdit};
use domain::order::OrderState;
use domain::status::UnknownStatus;
use sea_orm::ConnectionTrait;
use serde_json::Value;
use tracing::info;
use uuid::Uuid;

use super::editor;
use super::idempotency::Idempotent;
use super::store::{self, Actor, Committed, WriteError};
use super::versioned;
use crate::db::{WriteTx, is_conflict, now};
use crate::error::{Error, Result};
use crate::openapi::ProblemResponse;
use crate::state::AppState;

/// Tries when the database had to pick a victim among writers.
const MAX_RACES: u32 = 5;

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
    body: std::result::Result<Json<Value>, JsonRejection>,
) -> Result<Response> {
    let Path(id) = id?;
    let Json(body) = body?;
    let mut update = read_update(body)?;
    let version = version(&update, &headers)?;
    update.edit = update.edit.validated().map_err(Error::InvalidFields)?;
    update.version = Some(version);
    let idempotent = Idempotent::from_headers(&headers, &update)?;
    let actor = editor::actor(&headers);

    for _ in 0..MAX_RACES {
        match save(&state, id, version, &update, &actor, idempotent.as_ref()).await {
            Err(Error::Database(error)) if is_conflict(&error) => {}
            other => return other.map(|order| versioned(&order)),
        }
    }
    Err(anyhow::anyhow!("lost {MAX_RACES} races for the same rows").into())
}

/// Writes the edit on top of what is stored, if the two can be reconciled.
async fn save(
    state: &AppState,
    id: Uuid,
    version: i64,
    update: &UpdateOrder,
    actor: &Actor,
    idempotent: Option<&Idempotent>,
) -> Result<Order> {
    let tx = state.db.begin_write().await?;
    let current = store::lock(&*tx, id).await?.ok_or(Error::OrderNotFound)?;
    if let Some(idempotent) = idempotent
        && let Some(answer) = idempotent.answer(&tx, id).await?
    {
        return Ok(answer);
    }
    let edit = reconcile(&*tx, version, &current, update).await?;
    edit.check_transition(&current)
        .map_err(|error| Error::InvalidFields(vec![error]))?;
    let committed = match edit.apply(&current, now()) {
        Some(next) => Some(write(&tx, &current, next, actor).await?),
        None => None,
    };
    let order = Order::from(
        committed
            .as_ref()
            .map_or(&current, |committed| &committed.order),
    );
    if let Some(idempotent) = idempotent {
        idempotent.remember(&tx, &order).await?;
    }
    tx.commit().await?;
    if let Some(committed) = committed {
        info!(order.id = %id, order.version = order.version, "order edited");
        state.publisher.publish([committed]);
    }
    Ok(order)
}

async fn write(
    tx: &WriteTx,
    current: &OrderState,
    next: OrderState,
    actor: &Actor,
) -> Result<Committed> {
    store::write(tx, current, next, actor)
        .await
        .map_err(|error| match error {
            // The row is locked: nobody can have been faster.
            WriteError::Race => anyhow::anyhow!("a locked order changed").into(),
            WriteError::Database(error) => Error::from(error),
            WriteError::Other(error) => Error::from(error),
        })
}

/// What of the edit is left to write onto `current`: all of it if the order is
/// still at `version`, else what a three-way merge allows.
async fn reconcile(
    db: &impl ConnectionTrait,
    version: i64,
    current: &OrderState,
    update: &UpdateOrder,
) -> Result<OrderEdit> {
    let edit = update.edit.clone();
    if current.version == version {
        return Ok(edit);
    }
    let history = store::events_after(db, current.id, version).await?;
    // Without every step in between there is no telling what changed.
    let complete = history
        .first()
        .is_some_and(|event| event.version == version + 1);
    let strict = update.merge == Some(false) || !complete;
    let merged = if strict {
        Err(edit.differences(current))
    } else {
        // The oldest change of a field tells what it was at `version`.
        edit.merge(current, |field| {
            let mut changes = history.iter().flat_map(|event| &event.changes);
            changes
                .find(|change| change.field == field)
                .map(|change| change.from.clone())
        })
    };
    merged.map_err(|differences| Error::VersionConflict {
        version,
        current: Box::new(Order::from(current)),
        conflicts: differences
            .into_iter()
            .map(|difference| conflict(difference, &history))
            .collect(),
    })
}

/// Says who made the stored value what it is, and when.
fn conflict(difference: Difference, history: &[OrderEvent]) -> Conflict {
    let made_by = history.iter().rev().find(|event| {
        let mut changes = event.changes.iter();
        changes.any(|change| change.field == difference.field)
    });
    Conflict {
        field: difference.field.to_owned(),
        yours: difference.yours,
        current: difference.current,
        changed_by: made_by.map(|event| event.actor.clone()),
        changed_at: made_by.map(|event| event.at),
    }
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
