//! Random actions of the person, of others, of the server and of the network.

use domain::orders::draft::{Choice, Field};
use domain::wire::Problem;
use proptest::prelude::*;

use super::super::{Effect, Event};
use super::support::Form;
use crate::api::unreachable_problem;
use crate::live::ConnectionState;

/// What happens in a random run.
#[derive(Debug, Clone)]
pub(super) enum Action {
    Type(Field, String),
    OthersChange(Field, String),
    /// Others change the order, but the form does not receive it.
    OthersChangeUnseen(Field, String),
    ReceiveLatest,
    Choose(Field, Choice),
    Save,
    Force,
    StopWaiting,
    Refresh,
    BringBack,
    AskToClose,
    KeepEditing,
    Answer,
    LoseAnswer,
    LoseRequest,
    Reject,
    Connection(ConnectionState),
    Timer,
    Authors,
}

pub(super) fn field_and_text() -> impl Strategy<Value = (Field, String)> {
    let text = prop::sample::select(vec![Field::TrackingNumber, Field::Notes, Field::Notes])
        .prop_flat_map(|field| (Just(field), "[ab ]{0,2}"));
    let status = prop::sample::select(vec!["PENDING", "CONFIRMED", "SHIPPED"]);
    prop_oneof![
        3 => text,
        1 => status.prop_map(|status| (Field::Status, status.to_owned())),
    ]
}

/// Actions that are no decision of the person to give typed text up. Most requests are
/// lost: an answer would soon close the form, and end the run.
pub(super) fn safe_action() -> impl Strategy<Value = Action> {
    let choice = prop::sample::select(vec![Choice::Mine, Choice::Theirs]);
    let field = prop::sample::select(Field::ALL.to_vec());
    let connection = prop::sample::select(vec![
        ConnectionState::Live,
        ConnectionState::Reconnecting,
        ConnectionState::Offline,
    ]);
    let plain = prop::sample::select(vec![
        Action::ReceiveLatest,
        Action::Save,
        Action::Save,
        Action::Save,
        Action::Force,
        Action::StopWaiting,
        Action::AskToClose,
        Action::KeepEditing,
        Action::Answer,
        Action::LoseAnswer,
        Action::LoseRequest,
        Action::LoseRequest,
        Action::LoseRequest,
        Action::Reject,
        Action::Timer,
        Action::Timer,
        Action::Authors,
    ]);
    prop_oneof![
        6 => field_and_text().prop_map(|(field, text)| Action::Type(field, text)),
        3 => field_and_text().prop_map(|(field, text)| Action::OthersChange(field, text)),
        1 => field_and_text().prop_map(|(field, text)| Action::OthersChangeUnseen(field, text)),
        6 => (field, choice).prop_map(|(field, choice)| Action::Choose(field, choice)),
        2 => connection.prop_map(Action::Connection),
        12 => plain,
    ]
}

pub(super) fn any_action() -> impl Strategy<Value = Action> {
    prop_oneof![
        1 => Just(Action::Refresh),
        1 => Just(Action::BringBack),
        12 => safe_action(),
    ]
}

/// Carries an action out, as far as it is possible now; returns the effects.
pub(super) fn run(form: &mut Form, action: &Action) -> Vec<Effect> {
    let is_sending = !form.in_progress.is_empty();
    match action.clone() {
        Action::Type(field, text) => form.send(Event::Typed(field, text)),
        Action::OthersChange(field, text) => form.others_change(field, text.trim()),
        Action::OthersChangeUnseen(field, text) => {
            form.server.change(field, text.trim());
            Vec::new()
        }
        Action::ReceiveLatest => {
            let order = form.server.order().clone();
            form.send(Event::OrderReceived(Box::new(order)))
        }
        Action::Choose(field, choice) => form.send(Event::Chose(field, choice)),
        // Without unsaved text a save closes the form, and the run would end.
        Action::Save if form.state.is_dirty() => form.send(Event::SavePressed),
        Action::Force if form.state.is_dirty() => form.send(Event::ForcePressed),
        Action::StopWaiting => form.send(Event::StopWaitingPressed),
        Action::Refresh => form.send(Event::RefreshPressed),
        Action::BringBack => form.send(Event::BringBackPressed),
        // Only the question: leaving without unsaved text would end the run.
        Action::AskToClose if form.state.is_dirty() => form.send(Event::CloseRequested),
        Action::KeepEditing => form.send(Event::KeepEditingPressed),
        Action::Answer if is_sending => form.answer(),
        Action::LoseAnswer if is_sending => form.lose_answer(),
        Action::LoseRequest if is_sending => form.lose_request(),
        Action::Reject if is_sending => form.reject(Problem {
            status: 422,
            ..unreachable_problem("rejected")
        }),
        Action::Connection(state) => form.connection(state),
        Action::Timer if form.timers > 0 => form.timer_fires(),
        Action::Authors if has_loaded(form) => {
            form.authors_arrive("desk:Grace");
            Vec::new()
        }
        _ => Vec::new(),
    }
}

fn has_loaded(form: &Form) -> bool {
    let is_it = |effect: &Effect| matches!(effect, Effect::LoadAuthors(_));
    form.effects.iter().any(is_it)
}
