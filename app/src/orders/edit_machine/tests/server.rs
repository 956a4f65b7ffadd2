//! A model of the server.

use std::collections::HashMap;

use chrono::DateTime;
use domain::orders::draft::{Field, Values};
use domain::orders::edit::OrderEdit;
use domain::wire::{Conflict, Order, Problem, UpdateOrder};
use serde_json::json;
use uuid::Uuid;

use super::super::Answer;
use super::support::edit;
use crate::api::unreachable_problem;

fn apply(order: &Order, edit: &OrderEdit) -> Order {
    let mut next = order.clone();
    let edit = edit.clone().validated().unwrap();
    next.status = edit.status.unwrap_or(next.status);
    next.tracking_number = edit.tracking_number.unwrap_or(next.tracking_number);
    next.notes = edit.notes.unwrap_or(next.notes);
    if next != *order {
        next.version += 1;
    }
    next
}

/// The server: it merges edits, reports conflicts, and repeats answers by key.
#[derive(Debug)]
pub(super) struct Server {
    /// Every version, oldest first.
    pub versions: Vec<Order>,
    pub answers: HashMap<Uuid, Order>,
}

impl Server {
    pub(super) fn order(&self) -> &Order {
        self.versions.last().unwrap()
    }

    /// Another person changes a field.
    pub(super) fn change(&mut self, field: Field, text: &str) -> Order {
        let next = apply(self.order(), &edit(field, text));
        self.store(next)
    }

    fn store(&mut self, next: Order) -> Order {
        if next.version > self.order().version {
            self.versions.push(next.clone());
        }
        next
    }

    pub(super) fn put(&mut self, update: &UpdateOrder, key: Uuid) -> Answer {
        if let Some(order) = self.answers.get(&key) {
            return Ok(Box::new(order.clone()));
        }
        let current = self.order().clone();
        let base = self
            .versions
            .iter()
            .find(|order| Some(order.version) == update.version);
        let (base, stored) = (Values::of(base.unwrap()), Values::of(&current));
        let wanted = Values::of(&apply(&current, &update.edit));
        let is_conflict = |field: &Field| {
            wanted.get(*field) != stored.get(*field) && base.get(*field) != stored.get(*field)
        };
        let conflicts = Field::ALL.into_iter().filter(is_conflict);
        let conflicts: Vec<_> = conflicts
            .map(|field| Conflict {
                field: field.as_str().to_owned(),
                yours: json!(wanted.get(field)),
                current: json!(stored.get(field)),
                changed_by: Some("desk:Grace".to_owned()),
                changed_at: Some(DateTime::UNIX_EPOCH),
            })
            .collect();
        if !conflicts.is_empty() {
            return Err(Box::new(Problem {
                status: 409,
                current: Some(Box::new(current)),
                conflicts,
                ..unreachable_problem("conflict")
            }));
        }
        let saved = self.store(apply(&current, &update.edit));
        self.answers.insert(key, saved.clone());
        Ok(Box::new(saved))
    }
}
