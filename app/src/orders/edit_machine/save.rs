//! Saving: shown at once, taken back if rejected, delayed while offline, and never
//! stored on top of an unknown change by another person.

use domain::orders::draft::Values;
use domain::orders::edit::OrderEdit;
use domain::wire::{Order, Problem, UpdateOrder};

use super::effect::{Effect, FocusTarget};
use super::event::Answer;
use super::save_progress::{FIRST_PAUSE, MAX_PAUSE, Progress, SaveState};
use super::state::EditState;
use crate::live::ConnectionState;
use crate::orders::notes::{self, Note};

/// How often a save is sent again after a version conflict before the person is asked.
pub(super) const MAX_TRIES: u32 = 5;

impl EditState {
    /// Saves the typed values, unless a conflict has to be decided first.
    pub(super) fn save_pressed(&mut self) {
        if self.save_state() == SaveState::Sending {
            return;
        }
        if self.draft.has_undecided() {
            self.note = Some(Note::choose_first());
            self.effects.push(Effect::Focus(FocusTarget::ConflictPanel));
            return;
        }
        self.save.is_forced = false;
        self.start();
    }

    /// Saves the typed values on top of whatever is stored.
    pub(super) fn force_pressed(&mut self) {
        if self.save_state() != SaveState::Sending {
            self.save.is_forced = true;
            self.start();
        }
    }

    /// Gives up a waiting save; the typed values stay.
    pub(super) fn stop_waiting(&mut self) {
        if self.save_state() == SaveState::Waiting {
            self.save.progress = Progress::Idle;
            self.effects.push(Effect::ShowSaving(None));
            self.note = None;
            self.effects.push(Effect::Focus(FocusTarget::FirstField));
        }
    }

    /// Continues a waiting save.
    pub(super) fn resume(&mut self) {
        if self.save_state() == SaveState::Waiting {
            self.start();
        }
    }

    fn start(&mut self) {
        if self.save.is_forced {
            self.draft.keep_all_mine();
        } else if self.draft.has_undecided() {
            // Another person was faster while this save waited.
            self.stop();
            self.note = Some(Note::overtaken());
            return;
        }
        let edit = self.draft.edit();
        if let Err(errors) = edit.clone().validated() {
            self.save.progress = Progress::Idle;
            self.errors = errors;
            return;
        }
        self.errors.clear();
        if edit == OrderEdit::default() {
            // The order is as wanted already, because theirs was taken.
            self.save.progress = Progress::Idle;
            self.close();
            return;
        }
        self.effects.push(Effect::ShowSaving(Some(edit)));
        if self.connection == ConnectionState::Offline {
            self.wait();
        } else {
            self.send(1);
        }
    }

    /// Sends request number `tries` of a save.
    fn send(&mut self, tries: u32) {
        let update = UpdateOrder {
            version: Some(self.draft.base().version),
            edit: self.draft.edit(),
            merge: None,
        };
        if update.edit == OrderEdit::default() {
            self.finish(None);
            return;
        }
        self.save.progress = Progress::Sending {
            values: self.draft.values(),
            tries,
        };
        let key = self.save.key(&update);
        self.effects.push(Effect::Send { update, key });
    }

    /// Handles the answer to the request in progress.
    pub(super) fn answered(&mut self, answer: Answer) {
        let Progress::Sending { values, tries } = &self.save.progress else {
            return;
        };
        let (values, tries) = (values.clone(), *tries);
        match answer {
            Ok(order) => {
                self.effects.push(Effect::ApplyOrder(order.clone()));
                self.draft.saved(&values, (*order).clone());
                self.finish(Some(*order));
            }
            Err(problem) if problem.status == 0 => self.wait(),
            Err(mut problem) => match problem.current.take() {
                None => self.reject(*problem),
                Some(current) => self.overtaken(&problem, *current, tries),
            },
        }
    }

    /// Another person was faster: sends again on top of their change, unless it is a
    /// conflict that the person has to decide.
    fn overtaken(&mut self, problem: &Problem, current: Order, tries: u32) {
        self.effects
            .push(Effect::ApplyOrder(Box::new(current.clone())));
        let known = problem.conflicts.iter().filter_map(|conflict| {
            let author = (conflict.changed_by.clone()?, conflict.changed_at?);
            Some((conflict.field.clone(), author))
        });
        self.authors.extend(known);
        let rebased = self.draft.rebase(current);
        if self.save.is_forced {
            self.draft.keep_all_mine();
        }
        if self.draft.has_undecided() {
            let version = self.draft.base().version;
            let note = notes::followed(&self.draft, &rebased, &self.authors, version, true);
            self.stop();
            self.note = Some(note);
        } else if tries < MAX_TRIES {
            self.send(tries + 1);
        } else {
            self.stop();
            self.note = Some(Note::keeps_changing());
        }
    }

    /// The order became as wanted while a save waited: either the save had arrived and
    /// only its answer was lost, or the person undid the change.
    pub(super) fn nothing_left_to_save(&mut self) {
        let Progress::Waiting { values } = &self.save.progress else {
            return;
        };
        if values.is_same(&Values::of(self.draft.base())) {
            self.finish(None);
        } else {
            self.stop();
            self.note = None;
        }
    }

    /// The typed values are stored: in `saved`, or in the latest version.
    fn finish(&mut self, saved: Option<Order>) {
        self.stop();
        if self.is_dirty() {
            self.note = Some(Note::typed_during_save());
            return;
        }
        let name = saved.map_or_else(|| self.latest.name.clone(), |order| order.name);
        self.effects.push(Effect::ShowSaved(name));
        self.close();
    }

    /// Waits for the connection or, if it is live, for the next attempt.
    fn wait(&mut self) {
        let values = self.draft.values();
        self.save.progress = Progress::Waiting { values };
        let is_live = self.connection == ConnectionState::Live;
        self.note = Some(Note::waiting(is_live));
        if is_live {
            let pause = self.save.pause;
            self.save.pause = (pause * 2).min(MAX_PAUSE);
            self.effects.push(Effect::StartTimer(pause));
        }
    }

    /// Ends a save; the row stops showing it as saved.
    fn stop(&mut self) {
        self.save.pause = FIRST_PAUSE;
        self.save.progress = Progress::Idle;
        self.effects.push(Effect::ShowSaving(None));
    }

    fn reject(&mut self, problem: Problem) {
        self.stop();
        if problem.errors.is_empty() {
            self.note = Some(Note::rejected(&problem.detail.unwrap_or(problem.title)));
        } else {
            self.note = None;
            self.errors = problem.errors;
        }
    }
}
