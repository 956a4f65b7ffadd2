//! What the machine knows.

use domain::orders::draft::{Draft, Field};
use domain::orders::edit::FieldError;
use domain::wire::Order;
use uuid::Uuid;

use super::effect::Effect;
use super::save_progress::{Save, SaveState};
use crate::live::ConnectionState;
use crate::orders::notes::{Authors, Note};

/// An order being edited.
#[derive(Debug)]
pub struct EditState {
    pub(super) draft: Draft,
    /// The latest received version; newer than the draft's base during a request.
    pub(super) latest: Order,
    pub(super) note: Option<Note>,
    pub(super) errors: Vec<FieldError>,
    pub(super) authors: Authors,
    pub(super) set_aside: Option<Draft>,
    pub(super) is_asking: bool,
    pub(super) is_closed: bool,
    pub(super) connection: ConnectionState,
    pub(super) save: Save,
    pub(super) effects: Vec<Effect>,
}

impl EditState {
    /// Begins to edit an order. `new_key` makes idempotency keys.
    pub fn new(order: Order, connection: ConnectionState, new_key: fn() -> Uuid) -> Self {
        Self {
            draft: Draft::new(order.clone()),
            latest: order,
            note: None,
            errors: Vec::new(),
            authors: Authors::new(),
            set_aside: None,
            is_asking: false,
            is_closed: false,
            connection,
            save: Save::new(new_key),
            effects: Vec::new(),
        }
    }

    /// The values in the form, and the version they are based on.
    pub const fn draft(&self) -> &Draft {
        &self.draft
    }

    /// The progress of a save.
    pub const fn save_state(&self) -> SaveState {
        self.save.state()
    }

    /// The message above the form.
    pub const fn note(&self) -> Option<&Note> {
        self.note.as_ref()
    }

    /// The message at a field that cannot be stored.
    pub fn error(&self, field: Field) -> Option<&str> {
        let error = self
            .errors
            .iter()
            .find(|error| error.field == field.as_str());
        error.map(|error| error.message.as_str())
    }

    /// Who made the stored values what they are.
    pub const fn authors(&self) -> &Authors {
        &self.authors
    }

    /// Whether text that a refresh set aside can be brought back.
    pub const fn can_bring_back(&self) -> bool {
        self.set_aside.is_some()
    }

    /// Whether the person is being asked to discard unsaved text.
    pub const fn is_asking(&self) -> bool {
        self.is_asking
    }

    /// Whether anything is not saved.
    pub fn is_dirty(&self) -> bool {
        !self.draft.dirty().is_empty()
    }

    /// Whether Save has anything to do and is not doing it already.
    pub fn can_save(&self) -> bool {
        let has_decisions = !self.draft.conflicts().is_empty();
        self.save_state() == SaveState::Idle && (self.is_dirty() || has_decisions)
    }
}
