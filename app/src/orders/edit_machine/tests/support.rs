//! A form under test, and the server it talks to.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};

use chrono::{DateTime, Utc};
use domain::orders::draft::{Choice, Field, Values};
use domain::orders::edit::OrderEdit;
use domain::wire::{Order, OrderEvent, Problem, UpdateOrder};
use serde_json::json;
use uuid::Uuid;

use super::super::{EditState, Effect, Event, SaveState};
use super::server::Server;
use crate::api::unreachable_problem;
use crate::live::ConnectionState;

/// A confirmed order at version 1, without tracking number and notes.
pub(super) fn order() -> Order {
    serde_json::from_value(json!({
        "id": Uuid::from_u128(1),
        "shopifyOrderId": "1001",
        "name": "#1001",
        "shop": "acme.myshopify.com",
        "status": "CONFIRMED",
        "currency": "USD",
        "total": "42.00",
        "shippingFee": "0.00",
        "itemCount": 1,
        "version": 1,
        "placedAt": DateTime::<Utc>::UNIX_EPOCH,
        "lastExternalUpdatedAt": DateTime::<Utc>::UNIX_EPOCH,
        "createdAt": DateTime::<Utc>::UNIX_EPOCH,
        "updatedAt": DateTime::<Utc>::UNIX_EPOCH,
    }))
    .unwrap()
}

/// An edit of one field; an empty text clears it.
pub(super) fn edit(field: Field, text: &str) -> OrderEdit {
    let optional = Some(text.to_owned()).filter(|text| !text.is_empty());
    let mut edit = OrderEdit::default();
    match field {
        Field::Status => edit.status = text.parse().ok(),
        Field::TrackingNumber => edit.tracking_number = Some(optional),
        Field::Notes => edit.notes = Some(optional),
    }
    edit
}

/// A key for every new request: 1, 2, 3 …, unique in the process.
fn next_key() -> Uuid {
    static LAST: AtomicU32 = AtomicU32::new(0);
    Uuid::from_u128(u128::from(LAST.fetch_add(1, Ordering::Relaxed)) + 1)
}

/// A form that is open on the first version of an order.
#[derive(Debug)]
pub(super) struct Form {
    pub state: EditState,
    pub server: Server,
    /// Every effect so far, oldest first.
    pub effects: Vec<Effect>,
    /// Requests that have not been answered yet.
    pub in_progress: Vec<(UpdateOrder, Uuid)>,
    /// Timers that have not fired yet.
    pub timers: usize,
}

impl Form {
    /// Opens a form after these edits of the order.
    pub(super) fn open(edits: &[(Field, &str)]) -> Self {
        let mut server = Server {
            versions: vec![order()],
            answers: HashMap::new(),
        };
        for (field, text) in edits {
            server.change(*field, text);
        }
        let state = EditState::new(server.order().clone(), ConnectionState::Live, next_key);
        Self {
            state,
            server,
            effects: Vec::new(),
            in_progress: Vec::new(),
            timers: 0,
        }
    }

    /// Handles an event; returns its effects.
    pub(super) fn send(&mut self, event: Event) -> Vec<Effect> {
        let effects = self.state.step(event);
        for effect in &effects {
            match effect {
                Effect::Send { update, key } => self.in_progress.push((update.clone(), *key)),
                Effect::StartTimer(_) => self.timers += 1,
                _ => {}
            }
        }
        self.effects.extend(effects.clone());
        effects
    }

    pub(super) fn types(&mut self, field: Field, text: &str) {
        self.send(Event::Typed(field, text.to_owned()));
    }

    pub(super) fn chooses(&mut self, field: Field, choice: Choice) {
        self.send(Event::Chose(field, choice));
    }

    /// Another person changes a field, and the form receives it.
    pub(super) fn others_change(&mut self, field: Field, text: &str) -> Vec<Effect> {
        let order = self.server.change(field, text);
        self.send(Event::OrderReceived(Box::new(order)))
    }

    /// The server handles the request in progress, and its answer arrives.
    pub(super) fn answer(&mut self) -> Vec<Effect> {
        let (update, key) = self.in_progress.remove(0);
        let answer = self.server.put(&update, key);
        self.send(Event::Answered(answer))
    }

    /// The server handles the request in progress, but its answer is lost.
    pub(super) fn lose_answer(&mut self) -> Vec<Effect> {
        let (update, key) = self.in_progress.remove(0);
        let _ = self.server.put(&update, key);
        self.send(Event::Answered(Err(Box::new(unreachable_problem("lost")))))
    }

    /// The request in progress does not reach the server.
    pub(super) fn lose_request(&mut self) -> Vec<Effect> {
        self.in_progress.remove(0);
        self.send(Event::Answered(Err(Box::new(unreachable_problem("lost")))))
    }

    /// The server rejects the request in progress.
    pub(super) fn reject(&mut self, problem: Problem) -> Vec<Effect> {
        self.in_progress.remove(0);
        self.send(Event::Answered(Err(Box::new(problem))))
    }

    pub(super) fn connection(&mut self, state: ConnectionState) -> Vec<Effect> {
        self.send(Event::ConnectionChanged(state))
    }

    pub(super) fn timer_fires(&mut self) -> Vec<Effect> {
        self.timers -= 1;
        self.send(Event::TimerFired)
    }

    /// Saves, and receives the answers until none is awaited.
    pub(super) fn save(&mut self) {
        self.send(Event::SavePressed);
        self.answers();
    }

    pub(super) fn answers(&mut self) {
        while !self.in_progress.is_empty() {
            self.answer();
        }
    }

    /// The history since a version arrives, all of it by one author.
    pub(super) fn authors_arrive(&mut self, actor: &str) {
        let last = self.effects.iter().rev().find_map(|effect| match effect {
            Effect::LoadAuthors(request) => Some(request.clone()),
            _ => None,
        });
        let request = last.unwrap();
        let changes =
            Field::ALL.map(|field| json!({ "field": field.as_str(), "from": null, "to": null }));
        let history: OrderEvent = serde_json::from_value(json!({
            "version": request.version,
            "actor": actor,
            "deliveryId": null,
            "changes": changes,
            "at": DateTime::<Utc>::UNIX_EPOCH,
        }))
        .unwrap();
        self.send(Event::AuthorsLoaded(request, vec![history]));
    }

    pub(super) fn value(&self, field: Field) -> &str {
        self.state.draft().get(field)
    }

    pub(super) fn note(&self) -> &str {
        self.state.note().map_or("", |note| note.text.as_str())
    }

    pub(super) fn version(&self) -> i64 {
        self.state.draft().base().version
    }

    /// The stored value of a field.
    pub(super) fn stored(&self, field: Field) -> String {
        Values::of(self.server.order()).get(field).to_owned()
    }

    /// The typed and the stored value of a conflict, and its decision.
    pub(super) fn conflict(&self, field: Field) -> Option<(&str, &str, Choice)> {
        let mut conflicts = self.state.draft().conflicts().iter();
        let conflict = conflicts.find(|conflict| conflict.field == field)?;
        Some((&conflict.mine, &conflict.theirs, conflict.choice))
    }

    pub(super) fn is_closed(&self) -> bool {
        self.effects.contains(&Effect::Close)
    }

    pub(super) fn is_called_saved(&self) -> bool {
        let is_it = |effect: &Effect| matches!(effect, Effect::ShowSaved(_));
        self.effects.iter().any(is_it)
    }

    pub(super) fn is_waiting(&self) -> bool {
        self.state.save_state() == SaveState::Waiting
    }

    /// Every request so far: its version and key.
    pub(super) fn requests(&self) -> Vec<(&UpdateOrder, Uuid)> {
        let requests = self.effects.iter();
        let request = |effect| match effect {
            &Effect::Send { ref update, key } => Some((update, key)),
            _ => None,
        };
        requests.filter_map(request).collect()
    }

    /// The edit that the row shows ahead of its save.
    pub(super) fn shown_ahead(&self) -> Option<OrderEdit> {
        let shown = self.effects.iter().rev().find_map(|effect| match effect {
            Effect::ShowSaving(edit) => Some(edit.clone()),
            _ => None,
        });
        shown.flatten()
    }
}
