//! What an edit comes to: the rules of saving, with the database to look things
//! up in.

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
    /// What it says.
    pub update: UpdateOrder,
    /// Who made it.
    pub actor: Actor,
    /// How to know it again.
    pub idempotent: Option<Idempotent>,
}

/// What an edit comes to.
#[derive(Debug)]
pub enum Outcome {
    /// It was saved before; this was the answer.
    Repeated(Box<Order>),
    /// The order says so already.
    Unchanged,
    /// The order is to become this.
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

/// What of the edit is left to write onto `current`: all of it if the order is
/// still at `version`, else what a three-way merge allows.
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
    merged.map_err(|differences| OrderError::VersionConflict {
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
