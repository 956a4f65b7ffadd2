//! How each event changes what the machine knows. Saving is in `save.rs`.

use domain::orders::draft::Rebased;
use domain::wire::OrderEvent;

use super::effect::{AuthorRequest, Effect, FocusTarget};
use super::event::{Answer, Event};
use super::save_progress::SaveState;
use super::state::EditState;
use crate::live::ConnectionState;
use crate::orders::notes::{self, Note};

impl EditState {
    /// Handles an event. Returns the effects to carry out, in order.
    pub fn step(&mut self, event: Event) -> Vec<Effect> {
        if self.is_closed {
            return match event {
                Event::Answered(answer) => after_close(answer),
                _ => Vec::new(),
            };
        }
        let was_dirty = self.is_dirty();
        self.handle(event);
        if !self.is_closed {
            self.settle(was_dirty);
        }
        std::mem::take(&mut self.effects)
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Typed(field, text) => {
                self.draft.set(field, text);
                self.errors.retain(|error| error.field != field.as_str());
            }
            Event::Chose(field, choice) => self.draft.choose(field, choice),
            Event::SavePressed => self.save_pressed(),
            Event::ForcePressed => self.force_pressed(),
            Event::StopWaitingPressed => self.stop_waiting(),
            Event::RefreshPressed => self.refresh(),
            Event::BringBackPressed => self.bring_back(),
            Event::CloseRequested => self.close_requested(),
            Event::KeepEditingPressed => self.keep_editing(),
            Event::DiscardPressed => self.close(),
            Event::OrderReceived(order) => {
                if order.version > self.latest.version {
                    self.latest = *order;
                }
            }
            Event::Answered(answer) => self.answered(answer),
            Event::TimerFired => self.resume(),
            Event::ConnectionChanged(connection) => {
                self.connection = connection;
                if connection == ConnectionState::Live {
                    self.resume();
                }
            }
            Event::AuthorsLoaded(request, history) => self.authors_loaded(&request, &history),
        }
    }

    /// Brings the state up to date after an event.
    fn settle(&mut self, was_dirty: bool) {
        // During a request, its answer decides what became of the draft.
        if self.save_state() != SaveState::Sending {
            self.follow_latest();
        }
        if was_dirty && !self.is_dirty() {
            // Nothing is left to discard.
            self.is_asking = false;
            if self.save_state() == SaveState::Waiting {
                self.nothing_left_to_save();
            }
        }
    }

    /// Rebases the draft on the latest version.
    fn follow_latest(&mut self) {
        let after = self.draft.base().version;
        let version = self.latest.version;
        if version <= after {
            return;
        }
        let rebased = self.draft.rebase(self.latest.clone());
        let note = self.note_on(&rebased, version);
        self.note = Some(note.clone());
        // The change is shown at once; its authors are added when they are known.
        self.effects
            .push(Effect::LoadAuthors(Box::new(AuthorRequest {
                after,
                version,
                rebased,
                note,
            })));
    }

    fn note_on(&self, rebased: &Rebased, version: i64) -> Note {
        notes::followed(
            &self.draft,
            rebased,
            &self.authors,
            version,
            self.is_dirty(),
        )
    }

    fn authors_loaded(&mut self, request: &AuthorRequest, history: &[OrderEvent]) {
        let known = std::mem::take(&mut self.authors);
        self.authors = notes::authors(known, history, request.after);
        // A newer note is not replaced.
        if self.note.as_ref() == Some(&request.note) {
            self.note = Some(self.note_on(&request.rebased, request.version));
        }
    }

    /// Shows the order as stored, and sets the typed text aside.
    fn refresh(&mut self) {
        let mine = self.draft.refresh();
        self.errors.clear();
        self.note = Some(Note::refreshed());
        // A refresh without typed text keeps what an earlier one set aside.
        if mine.has_input() {
            self.set_aside = Some(mine);
        }
        self.effects.push(Effect::Focus(FocusTarget::FirstField));
    }

    fn bring_back(&mut self) {
        let Some(mine) = self.set_aside.take() else {
            return;
        };
        self.draft.restore(mine);
        self.note = None;
        self.effects.push(Effect::Focus(FocusTarget::FirstField));
    }

    /// Closes, or asks first if anything is not saved. Asked again, it stays open.
    fn close_requested(&mut self) {
        if !self.is_dirty() {
            self.close();
        } else if self.is_asking {
            self.keep_editing();
        } else {
            self.is_asking = true;
            self.effects.push(Effect::RememberFocus);
            self.effects.push(Effect::Focus(FocusTarget::KeepEditing));
        }
    }

    fn keep_editing(&mut self) {
        self.is_asking = false;
        self.effects.push(Effect::Focus(FocusTarget::Remembered));
    }

    /// Closes the form. The row stops showing an edit that will not be saved; during a
    /// request, its answer decides that.
    pub(super) fn close(&mut self) {
        if self.save_state() != SaveState::Sending {
            self.effects.push(Effect::ShowSaving(None));
        }
        self.is_closed = true;
        self.effects.push(Effect::Close);
    }
}

/// The effects of an answer that arrives after the form was closed: the list shows the
/// order as the server sent it, and nothing ahead of that.
pub fn after_close(answer: Answer) -> Vec<Effect> {
    let order = match answer {
        Ok(order) => Some(order),
        Err(problem) => problem.current,
    };
    let apply = order.map(Effect::ApplyOrder);
    apply
        .into_iter()
        .chain([Effect::ShowSaving(None)])
        .collect()
}
