use domain::orders::draft::Choice;
use domain::orders::draft::Field::{Notes, Status, TrackingNumber};
use domain::orders::edit::FieldError;
use domain::wire::Problem;

use super::super::{Effect, Event, SaveState};
use super::support::{Form, edit};
use crate::api::unreachable_problem;

#[test]
fn a_save_sends_only_what_changed_and_the_version_it_is_based_on() {
    let mut form = Form::open(&[(Notes, "gift")]);
    form.types(TrackingNumber, "TRACK-1");
    form.save();
    let requests = form.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].0.version, Some(2));
    assert_eq!(requests[0].0.edit, edit(TrackingNumber, "TRACK-1"));
    assert_eq!(form.server.order().version, 3);
    assert_eq!(form.stored(Notes), "gift");
    assert!(form.is_closed() && form.is_called_saved());
}

#[test]
fn every_field_can_be_saved_at_once() {
    let mut form = Form::open(&[]);
    form.types(Status, "SHIPPED");
    form.types(TrackingNumber, "TRACK-1");
    form.types(Notes, "Two lines,\nand a naïve emoji 🎁");
    form.save();
    assert_eq!(form.requests().len(), 1);
    assert_eq!(form.server.order().version, 2);
    assert_eq!(form.stored(Status), "SHIPPED");
    assert_eq!(form.stored(TrackingNumber), "TRACK-1");
    assert_eq!(form.stored(Notes), "Two lines,\nand a naïve emoji 🎁");
}

#[test]
fn an_emptied_field_is_cleared() {
    let mut form = Form::open(&[(Notes, "gift")]);
    form.types(Notes, "");
    form.save();
    assert_eq!(form.requests()[0].0.edit.notes, Some(None));
    assert_eq!(form.server.order().notes, None);
}

#[test]
fn the_row_shows_an_edit_while_it_is_being_saved() {
    let mut form = Form::open(&[]);
    form.types(Status, "SHIPPED");
    let effects = form.send(Event::SavePressed);
    assert_eq!(
        effects[0],
        Effect::ShowSaving(Some(edit(Status, "SHIPPED")))
    );
    assert!(matches!(effects[1], Effect::Send { .. }));
    assert_eq!(form.state.save_state(), SaveState::Sending);
    assert!(!form.state.can_save());
    let effects = form.answer();
    // The saved order first, so that the row never shows the old value again.
    assert!(matches!(effects[0], Effect::ApplyOrder(_)));
    assert_eq!(effects[1], Effect::ShowSaving(None));
}

#[test]
fn a_rejected_save_is_taken_back_and_explained_at_its_field() {
    let mut form = Form::open(&[(Status, "DELIVERED")]);
    form.types(Notes, "gift");
    form.types(Status, "PENDING");
    form.send(Event::SavePressed);
    let error = FieldError {
        field: "status".into(),
        message: "it was delivered".into(),
    };
    form.reject(Problem {
        status: 422,
        errors: vec![error],
        ..unreachable_problem("rejected")
    });
    assert_eq!(form.shown_ahead(), None);
    assert_eq!(form.state.error(Status), Some("it was delivered"));
    assert_eq!(form.state.error(Notes), None);
    assert_eq!((form.value(Status), form.value(Notes)), ("PENDING", "gift"));
    // Another try is as good as the first.
    form.types(Status, "SHIPPED");
    assert_eq!(form.state.error(Status), None);
    form.save();
    assert_eq!(form.stored(Status), "SHIPPED");
    assert!(form.is_closed());
}

#[test]
fn a_failing_server_or_a_missing_order_loses_no_typed_text() {
    for (status, title) in [
        (500, "The server failed."),
        (404, "There is no such order."),
    ] {
        let mut form = Form::open(&[]);
        form.types(Notes, "gift");
        form.send(Event::SavePressed);
        form.reject(Problem {
            status,
            title: title.into(),
            detail: None,
            ..unreachable_problem("failed")
        });
        assert_eq!(
            form.note(),
            format!("Not saved. {title} Nothing you typed is lost.")
        );
        assert_eq!(form.value(Notes), "gift");
        assert_eq!(form.shown_ahead(), None);
        assert_eq!(form.state.save_state(), SaveState::Idle);
    }
}

#[test]
fn text_that_cannot_be_stored_is_reported_without_asking_the_server() {
    let mut form = Form::open(&[]);
    form.types(TrackingNumber, "TRACK\t1");
    form.save();
    assert!(form.state.error(TrackingNumber).is_some());
    assert!(form.requests().is_empty());
    form.types(TrackingNumber, "TRACK 1");
    assert_eq!(form.state.error(TrackingNumber), None);
    form.save();
    assert_eq!(form.stored(TrackingNumber), "TRACK 1");
}

#[test]
fn pressed_twice_it_saves_once() {
    let mut form = Form::open(&[]);
    form.types(Notes, "gift");
    form.send(Event::SavePressed);
    assert!(form.send(Event::SavePressed).is_empty());
    assert!(form.send(Event::ForcePressed).is_empty());
    form.answer();
    assert_eq!(form.requests().len(), 1);
    assert_eq!(form.server.order().version, 2);
}

#[test]
fn text_typed_during_a_save_is_kept_and_saved_next() {
    let mut form = Form::open(&[]);
    form.types(Notes, "first");
    form.send(Event::SavePressed);
    form.types(Notes, "first and second");
    form.answer();
    assert_eq!(
        form.note(),
        "Saved. What you typed meanwhile is not saved yet."
    );
    assert_eq!(form.version(), 2);
    assert_eq!(form.value(Notes), "first and second");
    assert!(form.conflict(Notes).is_none() && !form.is_closed());
    form.save();
    assert_eq!(form.stored(Notes), "first and second");
    assert_eq!(form.server.order().version, 3);
}

#[test]
fn a_field_that_both_set_while_another_is_saved_is_a_conflict() {
    let mut form = Form::open(&[]);
    form.types(Notes, "mine");
    form.send(Event::SavePressed);
    form.types(TrackingNumber, "MINE-1");
    form.server.change(TrackingNumber, "THEIRS-1");
    form.answer();
    assert_eq!(
        form.conflict(TrackingNumber),
        Some(("MINE-1", "THEIRS-1", Choice::Undecided))
    );
    assert_eq!(form.value(TrackingNumber), "MINE-1");
    assert_eq!(form.stored(Notes), "mine");
    assert_eq!(form.stored(TrackingNumber), "THEIRS-1");
}

#[test]
fn a_change_received_during_a_save_is_shown_after_its_answer() {
    let mut form = Form::open(&[]);
    form.types(Notes, "mine");
    form.send(Event::SavePressed);
    assert!(form.others_change(TrackingNumber, "THEIRS-1").is_empty());
    assert_eq!(form.version(), 1);
    form.lose_request();
    assert_eq!(form.version(), 2);
    assert_eq!(form.value(TrackingNumber), "THEIRS-1");
    assert_eq!(form.value(Notes), "mine");
}
