//! The logic of editing one order as a state machine: typing, changes by others,
//! conflicts, saving, lost answers, and working offline.
//!
//! It is pure: no Leptos, no browser, no clock. [`EditState::step`] takes an [`Event`]
//! and returns the [`Effect`]s to carry out; `editing.rs` connects it to the page.
//!
//! Rules that hold in every state, as properties in `tests/properties.rs`:
//!
//! - Typed text is never dropped, except by a decision of the person.
//! - A save is based on the version that the form shows, and never overwrites a
//!   conflict that the person has not decided.
//! - At most one request is in progress.
//! - A request without an answer is repeated under the same idempotency key.

mod effect;
mod event;
mod save;
mod save_progress;
mod state;
mod step;

pub use effect::{AuthorRequest, Effect, FocusTarget};
pub use event::{Answer, Event};
pub use save_progress::SaveState;
pub use state::EditState;
pub use step::after_close;

#[cfg(test)]
mod tests;
