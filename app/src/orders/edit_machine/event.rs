//! The inputs of the machine.

use domain::orders::draft::{Choice, Field};
use domain::wire::{Order, OrderEvent, Problem};

use super::effect::AuthorRequest;
use crate::live::ConnectionState;

/// Something that happened to an open edit form.
#[derive(Debug, Clone)]
pub enum Event {
    /// The person typed into a field; its whole new text.
    Typed(Field, String),
    /// The person decided a conflict.
    Chose(Field, Choice),
    /// The person asked to save.
    SavePressed,
    /// The person asked to save on top of whatever is stored.
    ForcePressed,
    /// The person does not want to wait for a delayed save any longer.
    StopWaitingPressed,
    /// The person asked for the order as stored.
    RefreshPressed,
    /// The person asked for the text that a refresh set aside.
    BringBackPressed,
    /// The person wants to leave the form: Cancel, Close or Escape.
    CloseRequested,
    /// The person wants to keep editing after all.
    KeepEditingPressed,
    /// The person confirmed that the unsaved text may be discarded.
    DiscardPressed,
    /// The latest received version of the order.
    OrderReceived(Box<Order>),
    /// The answer to the request that is in progress.
    Answered(Answer),
    /// A timer started by [`Effect::StartTimer`](super::Effect::StartTimer) is over.
    TimerFired,
    /// The state of the live connection, at every change.
    ConnectionChanged(ConnectionState),
    /// The history that [`Effect::LoadAuthors`](super::Effect::LoadAuthors) asked for.
    AuthorsLoaded(Box<AuthorRequest>, Vec<OrderEvent>),
}

/// The answer to a save: the saved order, or the problem. Status 0 is no answer.
pub type Answer = Result<Box<Order>, Box<Problem>>;
