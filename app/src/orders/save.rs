//! Saving an edit: shown at once, taken back if refused, held while offline,
//! and never blindly on top of what somebody else did.

use std::time::Duration;

use domain::orders::draft::{Draft, Values};
use domain::orders::edit::OrderEdit;
use domain::wire::{Order, Problem, UpdateOrder};
use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;

use super::editing::{Editing, Saving};
use super::notes::{self, Note};
use crate::api;
use crate::components::toasts::{ToastHandle, use_toasts};
use crate::components::user_name::use_user_name;
use crate::live::{ConnectionState, Live};
use crate::reactive::{RwSignal, StoredValue, effect};

/// How often a save is tried on top of yet another change before the person is
/// asked again.
const MAX_TRIES: u32 = 5;

/// The longest pause before a request that got no answer is repeated, in
/// seconds; the first is one second.
const MAX_PAUSE: u64 = 8;

/// Saves an edit; cheap to copy.
#[derive(Clone, Copy)]
pub struct Save {
    editing: Editing,
    live: Live,
    me: RwSignal<String>,
    toasts: ToastHandle,
    /// The request that may have arrived without its answer: repeated under the
    /// same key, it is saved once.
    pending: StoredValue<Option<(UpdateOrder, Uuid)>>,
    /// What is typed wins over what others do meanwhile.
    is_forced: StoredValue<bool>,
    /// Seconds until a request that got no answer is repeated.
    pause: StoredValue<u64>,
    /// What the waiting save would make of the order.
    wanted: StoredValue<Option<Values>>,
}

impl Save {
    /// Saves for a form. What was held is saved when the connection is back.
    pub fn new(editing: Editing, live: Live) -> Self {
        let save = Self {
            editing,
            live,
            me: use_user_name(),
            toasts: use_toasts(),
            pending: StoredValue::new(None),
            is_forced: StoredValue::new(false),
            pause: StoredValue::new(1),
            wanted: StoredValue::new(None),
        };
        effect(move || {
            let is_live = live.connection.get() == ConnectionState::Live;
            if is_live && editing.saving.get_untracked() == Saving::Held {
                save.start();
            }
        });
        effect(move || {
            let is_clean = editing.dirty.with(Vec::is_empty);
            if is_clean && editing.saving.get_untracked() == Saving::Held {
                save.nothing_left();
            }
        });
        save
    }

    /// Saves what is typed, unless something has to be decided first.
    pub fn run(&self) {
        let editing = self.editing;
        if editing.saving.get_untracked() == Saving::UnderWay {
            return;
        }
        if editing.draft.with_untracked(Draft::has_undecided) {
            let text = "Choose below which value to keep, then save.";
            editing.note.set(Some(Note::warning(text)));
            super::conflict::focus();
            return;
        }
        self.is_forced.set_value(false);
        self.start();
    }

    /// Saves what is typed on top of whatever is stored.
    pub fn force(&self) {
        if self.editing.saving.get_untracked() != Saving::UnderWay {
            self.editing.draft.update(Draft::keep_all_mine);
            self.is_forced.set_value(true);
            self.start();
        }
    }

    /// Stops waiting for the connection; what is typed stays.
    pub fn stop_waiting(&self) {
        self.editing.saving.set(Saving::Idle);
        self.editing.store.show_saving(self.editing.id, None);
        self.editing.note.set(None);
    }

    fn start(&self) {
        let editing = self.editing;
        if self.is_forced.get_value() {
            editing.draft.update(Draft::keep_all_mine);
        } else if editing.draft.with_untracked(Draft::has_undecided) {
            // Others were faster while this one waited.
            self.stop();
            let text = "Not saved yet: somebody else changed the same. Choose below, then save.";
            editing.note.set(Some(Note::warning(text)));
            return;
        }
        let edit = editing.draft.with_untracked(Draft::edit);
        if let Err(errors) = edit.clone().validated() {
            editing.saving.set(Saving::Idle);
            editing.errors.set(errors);
            return;
        }
        editing.errors.set(Vec::new());
        if edit == OrderEdit::default() {
            // Everything is as wanted already: theirs was taken.
            editing.saving.set(Saving::Idle);
            editing.close();
            return;
        }
        editing.store.show_saving(editing.id, Some(edit));
        if self.live.connection.get_untracked() == ConnectionState::Offline {
            self.hold();
            return;
        }
        editing.saving.set(Saving::UnderWay);
        let save = *self;
        spawn_local(async move { save.attempt().await });
    }

    async fn attempt(self) {
        let editing = self.editing;
        for _ in 0..MAX_TRIES {
            let Some((update, values)) = editing.draft.try_with_untracked(|draft| {
                let update = UpdateOrder {
                    version: Some(draft.base().version),
                    edit: draft.edit(),
                    merge: None,
                };
                (update, draft.values())
            }) else {
                return; // the dialog is gone
            };
            if update.edit == OrderEdit::default() {
                return self.finish(None);
            }
            let key = self.key(&update);
            let name = self.me.get_untracked();
            match api::update_order(editing.id, update, key, &name).await {
                Ok(order) => {
                    editing.store.apply(vec![order.clone()], false);
                    editing
                        .draft
                        .try_update(|draft| draft.saved(&values, order.clone()));
                    return self.finish(Some(order));
                }
                Err(problem) if problem.status == 0 => return self.hold(),
                Err(problem) => {
                    let Some(current) = problem.current.clone() else {
                        return self.refuse(problem);
                    };
                    if !self.learn(&problem, *current) {
                        return self.stop();
                    }
                }
            }
        }
        self.stop();
        let text =
            "This order keeps changing. Nothing you typed is lost; have a look and save again.";
        editing.note.try_set(Some(Note::warning(text)));
    }

    /// While a save waited, the difference went away: it had arrived after all
    /// and only its answer was lost, or the person undid it.
    fn nothing_left(self) {
        let editing = self.editing;
        let stored = editing
            .draft
            .with_untracked(|draft| Values::of(draft.base()));
        let wanted = self.wanted.try_get_value().flatten();
        if wanted.is_some_and(|wanted| wanted.is_same(&stored)) {
            self.finish(None);
        } else {
            self.stop();
            editing.note.set(None);
        }
    }

    /// The key of a request, the same for its repetitions.
    fn key(self, update: &UpdateOrder) -> Uuid {
        let known = self.pending.try_get_value().flatten();
        if let Some((pending, key)) = known
            && pending == *update
        {
            return key;
        }
        let key = api::new_key();
        self.pending.try_set_value(Some((update.clone(), key)));
        key
    }

    /// Somebody was faster. True if the save may go on on top of it.
    fn learn(self, problem: &Problem, current: Order) -> bool {
        let editing = self.editing;
        editing.store.apply(vec![current.clone()], false);
        let known = problem.conflicts.iter().filter_map(|conflict| {
            let author = (conflict.changed_by.clone()?, conflict.changed_at?);
            Some((conflict.field.clone(), author))
        });
        editing.authors.try_update(|authors| authors.extend(known));
        let rebased = editing.draft.try_update(|draft| {
            let rebased = draft.rebase(current);
            if self.is_forced.get_value() {
                draft.keep_all_mine();
            }
            (rebased, draft.has_undecided())
        });
        let Some((rebased, is_open)) = rebased else {
            return false;
        };
        if is_open {
            let note = editing.draft.with_untracked(|draft| {
                let version = draft.base().version;
                editing.authors.with_untracked(|authors| {
                    notes::followed(draft, &rebased, authors, version, true)
                })
            });
            editing.note.set(Some(note));
        }
        !is_open
    }

    fn finish(self, saved: Option<Order>) {
        let editing = self.editing;
        self.stop();
        let name = match saved {
            Some(order) => order.name,
            None => editing.live.with_untracked(|order| order.name.clone()),
        };
        let Some(is_clean) = editing.dirty.try_with_untracked(Vec::is_empty) else {
            return;
        };
        if is_clean {
            self.toasts.success(format!("Saved {name}"));
            editing.close();
        } else {
            let text = "Saved. What you typed meanwhile is not saved yet.";
            editing.note.set(Some(Note::info(text)));
        }
    }

    /// Waits: for the connection, or if that is fine, for a better moment.
    fn hold(self) {
        if self.editing.saving.try_set(Saving::Held).is_some() {
            // The dialog is gone, and what was shown ahead goes with it.
            self.editing.store.show_saving(self.editing.id, None);
            return;
        }
        let values = self.editing.draft.with_untracked(Draft::values);
        self.wanted.set_value(Some(values));
        let is_live = self.live.connection.get_untracked() == ConnectionState::Live;
        self.editing.note.set(Some(Note::held(is_live)));
        if is_live {
            let pause = self.pause.get_value();
            self.pause.set_value((pause * 2).min(MAX_PAUSE));
            let again = move || {
                if self.editing.saving.try_get_untracked() == Some(Saving::Held) {
                    self.start();
                }
            };
            set_timeout(again, Duration::from_secs(pause));
        }
    }

    /// Takes back what was shown as saved.
    fn stop(self) {
        self.pause.try_set_value(1);
        self.editing.store.show_saving(self.editing.id, None);
        self.editing.saving.try_set(Saving::Idle);
    }

    fn refuse(self, problem: Problem) {
        self.stop();
        if problem.errors.is_empty() {
            let text = problem.detail.unwrap_or(problem.title);
            let text = format!("Not saved. {text} Nothing you typed is lost.");
            self.editing.note.try_set(Some(Note::error(text)));
        } else {
            self.editing.note.try_set(None);
            self.editing.errors.try_set(problem.errors);
        }
    }
}
