use domain::orders::draft::Field::{Notes, Status};

use super::super::{Effect, Event, FocusTarget, after_close};
use super::support::{Form, order};
use crate::api::unreachable_problem;

#[test]
fn an_unedited_form_closes_at_once() {
    let mut form = Form::open(&[]);
    let effects = form.send(Event::CloseRequested);
    assert_eq!(effects, [Effect::ShowSaving(None), Effect::Close]);
    assert!(!form.is_called_saved());
}

#[test]
fn closing_asks_before_typed_text_is_discarded_and_the_second_time_stays() {
    let mut form = Form::open(&[]);
    form.types(Notes, "half a sentence");
    let effects = form.send(Event::CloseRequested);
    assert_eq!(
        effects,
        [
            Effect::RememberFocus,
            Effect::Focus(FocusTarget::KeepEditing)
        ]
    );
    assert!(form.state.is_asking());
    let effects = form.send(Event::CloseRequested);
    assert_eq!(effects, [Effect::Focus(FocusTarget::Remembered)]);
    assert!(!form.state.is_asking() && !form.is_closed());
    assert_eq!(form.value(Notes), "half a sentence");
}

#[test]
fn keep_editing_returns_to_the_field_and_discard_closes_without_a_save() {
    let mut form = Form::open(&[]);
    form.types(Notes, "half a sentence");
    form.send(Event::CloseRequested);
    let effects = form.send(Event::KeepEditingPressed);
    assert_eq!(effects, [Effect::Focus(FocusTarget::Remembered)]);
    form.send(Event::CloseRequested);
    form.send(Event::DiscardPressed);
    assert!(form.is_closed());
    assert!(form.requests().is_empty());
    assert_eq!(form.server.order().version, 1);
}

#[test]
fn the_question_disappears_when_nothing_is_left_to_discard() {
    let mut form = Form::open(&[]);
    form.types(Notes, "half a sentence");
    form.send(Event::CloseRequested);
    form.types(Notes, "");
    assert!(!form.state.is_asking());
    // The same when the others save what was typed.
    form.types(Notes, "the same");
    form.send(Event::CloseRequested);
    form.others_change(Notes, "the same");
    assert!(!form.state.is_asking());
}

#[test]
fn a_save_discarded_during_its_request_shows_its_result_and_nothing_ahead_of_it() {
    let mut form = Form::open(&[]);
    form.types(Status, "SHIPPED");
    form.send(Event::SavePressed);
    form.send(Event::CloseRequested);
    let effects = form.send(Event::DiscardPressed);
    // The row shows the edit until the answer decides.
    assert_eq!(effects, [Effect::Close]);
    let effects = form.lose_request();
    assert_eq!(effects, [Effect::ShowSaving(None)]);
}

#[test]
fn an_answer_after_closing_still_updates_the_list() {
    let saved = Box::new(order());
    let effects = after_close(Ok(saved.clone()));
    assert_eq!(
        effects,
        [Effect::ApplyOrder(saved.clone()), Effect::ShowSaving(None)]
    );
    let mut problem = unreachable_problem("conflict");
    problem.current = Some(saved.clone());
    let effects = after_close(Err(Box::new(problem)));
    assert_eq!(
        effects,
        [Effect::ApplyOrder(saved), Effect::ShowSaving(None)]
    );
}
