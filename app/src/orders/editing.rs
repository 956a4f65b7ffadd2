//! An order being edited: what is typed, what became of it, and what the person
//! has to know.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::orders::draft::{Draft, Field, Rebased};
use domain::orders::edit::FieldError;
use domain::wire::Order;
use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;

use super::notes::{self, Note};
use super::row_state::Row;
use super::store::OrderStore;
use crate::api;
use crate::components::keys::{focus, focused};
use crate::reactive::{Memo, RwSignal, StoredValue, effect, memo};

/// What a save is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saving {
    /// Nothing.
    Idle,
    /// Waiting for the server.
    UnderWay,
    /// Waiting for the connection.
    Held,
}

/// Who made a field what it is, and when.
pub type Authors = HashMap<String, (String, DateTime<Utc>)>;

/// An order being edited; cheap to copy.
#[derive(Clone, Copy)]
pub struct Editing {
    /// The order.
    pub id: Uuid,
    /// The list it is in.
    pub store: OrderStore,
    /// The order as last heard.
    pub live: RwSignal<Order>,
    /// What is typed.
    pub draft: RwSignal<Draft>,
    /// Fields that differ from what is stored.
    pub dirty: Memo<Vec<Field>>,
    /// What the save is doing.
    pub saving: RwSignal<Saving>,
    /// What the person should know.
    pub note: RwSignal<Option<Note>>,
    /// What is wrong with a field.
    pub errors: RwSignal<Vec<FieldError>>,
    /// Who made the stored values what they are.
    pub authors: RwSignal<Authors>,
    /// What was typed before a refresh.
    pub discarded: RwSignal<Option<Draft>>,
    /// Whether the person is being asked to discard.
    pub asking: RwSignal<bool>,
    /// Where the focus was before the question.
    focused: StoredValue<Option<String>>,
}

/// The id of the first field.
pub const FIRST_FIELD: &str = "edit-status";

/// How a dialog asks its form to close.
#[derive(Clone, Copy)]
pub struct Closing(Editing);

impl Closing {
    /// Closes, or asks first if something is not saved. Asked again, it stays.
    pub fn ask(&self) {
        let editing = self.0;
        if editing.dirty.with_untracked(Vec::is_empty) {
            editing.close();
        } else if editing.asking.get_untracked() {
            editing.stay();
        } else {
            if let Some(focused) = focused() {
                editing.focused.set_value(Some(focused));
            }
            editing.asking.set(true);
        }
    }
}

/// A button that goes away must not take the focus, and the keys, with it.
pub fn focus_fields() {
    request_animation_frame(|| focus(FIRST_FIELD));
}

impl Editing {
    /// Begins to edit an order. While it is edited, it follows the order.
    pub fn new(row: Row, store: OrderStore) -> Self {
        let live = RwSignal::from(row.order);
        let draft = RwSignal::new(Draft::new(live.get_untracked()));
        let editing = Self {
            id: live.with_untracked(|order| order.id),
            store,
            live,
            draft,
            dirty: memo(move || draft.with(Draft::dirty)),
            saving: RwSignal::new(Saving::Idle),
            note: RwSignal::new(None),
            errors: RwSignal::default(),
            authors: RwSignal::default(),
            discarded: RwSignal::new(None),
            asking: RwSignal::new(false),
            focused: StoredValue::new(None),
        };
        effect(move || {
            let news = live.get();
            // The answer to a save says best what became of it.
            if editing.saving.get() != Saving::UnderWay {
                editing.hear(news);
            }
        });
        effect(move || {
            // Nothing is left to discard.
            if editing.dirty.with(Vec::is_empty) {
                editing.asking.set(false);
            }
        });
        editing
    }

    /// How the dialog asks this form to close.
    pub const fn closing(self) -> Closing {
        Closing(self)
    }

    /// The order changed underneath.
    pub fn hear(&self, news: Order) {
        let before = self.draft.with_untracked(|draft| draft.base().version);
        if news.version <= before {
            return;
        }
        let version = news.version;
        let rebased = self.draft.try_update(|draft| draft.rebase(news));
        let Some(rebased) = rebased else { return };
        let told = self.note_on(&rebased, version);
        self.note.set(Some(told.clone()));
        // Who it was is worth a question, not a wait.
        let editing = *self;
        spawn_local(async move {
            if let Ok(history) = api::history(editing.id, None).await
                && let Some(authors) = editing.authors.try_update_untracked(std::mem::take)
            {
                let authors = notes::authors(authors, &history.data, before);
                editing.authors.set(authors);
                // Something else may have to be said by now.
                if editing.note.get_untracked().as_ref() == Some(&told) {
                    editing.note.set(Some(editing.note_on(&rebased, version)));
                }
            }
        });
    }

    fn note_on(&self, rebased: &Rebased, version: i64) -> Note {
        let is_dirty = !self.dirty.with_untracked(Vec::is_empty);
        self.draft.with_untracked(|draft| {
            self.authors.with_untracked(|authors| {
                notes::followed(draft, rebased, authors, version, is_dirty)
            })
        })
    }

    /// Takes the order as stored, and keeps what was typed within reach.
    pub fn refresh(&self) {
        let mine = self.draft.try_update(Draft::refresh);
        self.errors.set(Vec::new());
        self.note.set(Some(Note::refreshed()));
        // Nothing typed is no reason to forget what was.
        if let Some(mine) = mine.filter(Draft::has_input) {
            self.discarded.set(Some(mine));
        }
        focus_fields();
    }

    /// Brings back what a refresh took away.
    pub fn bring_back(&self) {
        let Some(mine) = self.discarded.try_update(Option::take).flatten() else {
            return;
        };
        self.draft.update(|draft| draft.restore(mine));
        self.note.set(None);
        focus_fields();
    }

    /// The person types.
    pub fn type_in(&self, field: Field, text: String) {
        self.draft.update(|draft| draft.set(field, text));
        if self.errors.with_untracked(|errors| !errors.is_empty()) {
            self.errors
                .update(|errors| errors.retain(|error| error.field != field.as_str()));
        }
    }

    /// Keeps editing after all.
    pub fn stay(&self) {
        self.asking.set(false);
        let focused = self.focused.get_value();
        request_animation_frame(move || focus(focused.as_deref().unwrap_or(FIRST_FIELD)));
    }

    /// Closes the dialog. What is typed is gone, and so is what was shown ahead
    /// of a save that will not be made.
    pub fn close(&self) {
        if self.saving.get_untracked() != Saving::UnderWay {
            self.store.show_saving(self.id, None);
        }
        self.store.editing.set(None);
    }
}
