//! Decides what an edit changes: loads what the rules in `domain::orders::edit` need, and
//! applies them.

use domain::orders::edit::{Difference, OrderEdit};
use domain::orders::order::OrderState;
use domain::wire::{Conflict, Order, OrderEvent, UpdateOrder};
use platform::db::{WriteTx, now};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::idempotency::Idempotent;
use crate::error::OrderError;
use crate::store::{self, Actor};

/// A person's edit of an order.
#[derive(Debug)]
pub struct Edit {
    /// The order.
    pub id: Uuid,
    /// The version it was made on.
    pub version: i64,
    /// The request's content.
    pub update: UpdateOrder,
    /// The person who made it.
    pub actor: Actor,
    /// The key by which a repeat of the request is recognised.
    pub idempotent: Option<Idempotent>,
}

/// The outcome of an edit.
#[derive(Debug)]
pub enum Outcome {
    /// It is a repeat; this was the answer to the first request.
    Repeated(Box<Order>),
    /// The order has these values already.
    Unchanged,
    /// The new state of the order.
    Changed(Box<OrderState>),
}

/// Evaluates an edit of an order that is locked. A refusal is an error.
pub async fn evaluate(
    tx: &WriteTx,
    current: &OrderState,
    edit: &Edit,
) -> Result<Outcome, OrderError> {
    if let Some(idempotent) = &edit.idempotent
        && let Some(answer) = idempotent.answer(tx, edit.id).await?
    {
        return Ok(Outcome::Repeated(Box::new(answer)));
    }
    let merged = reconcile(tx, edit.version, current, &edit.update).await?;
    merged
        .check_transition(current)
        .map_err(|error| OrderError::InvalidFields(vec![error]))?;
    let next = merged.apply(current, now());
    Ok(next.map_or(Outcome::Unchanged, |next| Outcome::Changed(Box::new(next))))
}

/// The part of the edit that is to be applied to `current`: all of it if the order is
/// still at `version`, otherwise the result of a three-way merge.
async fn reconcile(
    db: &impl ConnectionTrait,
    version: i64,
    current: &OrderState,
    update: &UpdateOrder,
) -> Result<OrderEdit, OrderError> {
    let edit = update.edit.clone();
    if current.version == version {
        return Ok(edit);
    }
    let history = store::events_after(db, current.id, version).await?;
    // With a gap in the history it is unknown what changed.
    let complete = history
        .first()
        .is_some_and(|event| event.version == version + 1);
    let strict = update.merge == Some(false) || !complete;
    let merged = if strict {
        Err(edit.differences(current))
    } else {
        // The oldest change of a field has its value at `version`.
        edit.merge(current, |field| {
            let mut changes = history.iter().flat_map(|event| &event.changes);
            changes
                .find(|change| change.field == field)
                .map(|change| change.from.clone())
        })
    };
    merged.map_err(|differences| OrderError::VersionConflict {
        version,
        current: Box::new(Order::from(current)),
        conflicts: differences
            .into_iter()
            .map(|difference| conflict(difference, &history))
            .collect(),
    })
}

/// Adds to a difference who set the stored value, and when.
fn conflict(difference: Difference, history: &[OrderEvent]) -> Conflict {
    let last_change = history.iter().rev().find(|event| {
        let mut changes = event.changes.iter();
        changes.any(|change| change.field == difference.field)
    });
    Conflict {
        field: difference.field.to_owned(),
        yours: difference.yours,
        current: difference.current,
        changed_by: last_change.map(|event| event.actor.clone()),
        changed_at: last_change.map(|event| event.at),
    }
}
