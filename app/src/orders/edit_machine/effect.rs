//! The outputs of the machine.

use std::time::Duration;

use domain::orders::draft::Rebased;
use domain::orders::edit::OrderEdit;
use domain::wire::{Order, UpdateOrder};
use uuid::Uuid;

use crate::orders::notes::Note;

/// Something to do outside of the machine, in the order of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Send a save. Its answer comes back as [`Event::Answered`](super::Event::Answered).
    Send {
        /// The edit, and the version it is based on.
        update: UpdateOrder,
        /// The idempotency key: the same for repetitions of a request.
        key: Uuid,
    },
    /// Start a timer that ends with [`Event::TimerFired`](super::Event::TimerFired).
    StartTimer(Duration),
    /// Show an edit in the row before it is saved; `None` takes it back.
    ShowSaving(Option<OrderEdit>),
    /// Apply an order that the server sent to the list.
    ApplyOrder(Box<Order>),
    /// Load the history after a version, to learn who changed the order.
    LoadAuthors(Box<AuthorRequest>),
    /// Show a short message that the order with this name was saved.
    ShowSaved(String),
    /// Remember the element that has the focus, for [`FocusTarget::Remembered`].
    RememberFocus,
    /// Move the focus.
    Focus(FocusTarget),
    /// Close the form.
    Close,
}

/// Where the focus goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FocusTarget {
    /// The first field of the form: a button that disappears must not take the focus,
    /// and with it the keys, out of the form.
    FirstField,
    /// The conflict panel.
    ConflictPanel,
    /// The button that keeps editing.
    KeepEditing,
    /// The element that had the focus before the question.
    Remembered,
}

/// A rebase whose authors are not known yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorRequest {
    /// The version before the rebase: later history entries name the authors.
    pub after: i64,
    /// The version after it.
    pub version: i64,
    /// The changes of the draft.
    pub rebased: Rebased,
    /// The note that was shown without the authors.
    pub note: Note,
}
