use std::time::Duration;

use domain::orders::draft::Choice::Undecided;
use domain::orders::draft::Field::{Notes, Status, TrackingNumber};

use super::super::save_progress::MAX_PAUSE;
use super::super::{Effect, Event, SaveState};
use super::support::{Form, edit};
use crate::live::ConnectionState::{Live, Offline, Reconnecting};

const OFFLINE: &str =
    "You are offline. Your changes are kept and will be saved as soon as the connection is back.";
const NO_ANSWER: &str = "The server did not answer. Your changes are kept; trying again.";

/// A save of the notes that waits for the connection.
fn waiting_offline() -> Form {
    let mut form = Form::open(&[]);
    form.connection(Offline);
    form.types(Notes, "gift");
    form.save();
    form
}

#[test]
fn offline_a_save_waits_and_continues_with_the_text_typed_since() {
    let mut form = waiting_offline();
    assert!(form.is_waiting());
    assert_eq!(form.note(), OFFLINE);
    assert_eq!(form.shown_ahead(), Some(edit(Notes, "gift")));
    assert!(form.requests().is_empty());
    form.types(Notes, "gift, wrapped");
    form.connection(Live);
    form.answers();
    assert!(form.is_closed() && form.is_called_saved());
    assert_eq!(form.requests().len(), 1);
    assert_eq!(form.stored(Notes), "gift, wrapped");
    assert_eq!(form.shown_ahead(), None);
}

#[test]
fn a_request_lost_with_the_connection_waits_for_the_connection_and_not_for_a_timer() {
    let mut form = Form::open(&[]);
    form.types(Notes, "gift");
    form.send(Event::SavePressed);
    form.connection(Reconnecting);
    form.lose_request();
    assert!(form.is_waiting());
    assert_eq!((form.note(), form.timers), (OFFLINE, 0));
    assert!(form.connection(Offline).is_empty());
    form.connection(Live);
    form.answers();
    assert_eq!(form.stored(Notes), "gift");
    assert!(form.is_closed());
}

#[test]
fn without_an_answer_a_request_is_repeated_after_growing_pauses() {
    let mut form = Form::open(&[]);
    form.types(Notes, "gift");
    form.send(Event::SavePressed);
    let mut pauses = Vec::new();
    for _ in 0..5 {
        let effects = form.lose_request();
        pauses.extend(effects.iter().find_map(|effect| match effect {
            Effect::StartTimer(pause) => Some(*pause),
            _ => None,
        }));
        assert_eq!(form.note(), NO_ANSWER);
        form.timer_fires();
    }
    assert_eq!(pauses, [1, 2, 4, 8, 8].map(Duration::from_secs));
    assert_eq!(pauses.last(), Some(&MAX_PAUSE));
    form.answers();
    assert_eq!(form.stored(Notes), "gift");
}

#[test]
fn a_request_whose_answer_is_lost_is_repeated_under_its_key_and_applied_once() {
    let mut form = Form::open(&[]);
    form.types(Notes, "gift");
    form.send(Event::SavePressed);
    form.connection(Offline);
    form.lose_answer();
    assert!(form.is_waiting());
    assert_eq!(form.server.order().version, 2);
    form.connection(Live);
    form.answers();
    let keys: Vec<_> = form.requests().iter().map(|it| it.1).collect();
    assert_eq!(keys.len(), 2);
    assert_eq!(keys[0], keys[1]);
    assert_eq!(form.server.order().version, 2);
    assert!(form.is_closed() && form.is_called_saved());
}

#[test]
fn another_edit_is_sent_under_another_key() {
    let mut form = Form::open(&[]);
    form.types(Notes, "gift");
    form.send(Event::SavePressed);
    form.lose_request();
    form.types(Notes, "gift, wrapped");
    form.timer_fires();
    let requests = form.requests();
    assert_ne!(requests[0].1, requests[1].1);
}

#[test]
fn a_repeated_request_does_not_undo_what_others_did_since() {
    let mut form = Form::open(&[]);
    form.types(Notes, "gift");
    form.send(Event::SavePressed);
    form.connection(Offline);
    form.lose_answer();
    form.server.change(Notes, "no gift");
    form.connection(Live);
    form.answers();
    // Mine was saved, and theirs came after it: nothing is left to decide.
    assert!(form.is_closed());
    assert_eq!(form.server.order().version, 3);
    assert_eq!(form.stored(Notes), "no gift");
}

#[test]
fn the_own_save_is_no_conflict_when_it_is_received_before_its_answer() {
    for is_received_first in [true, false] {
        let mut form = Form::open(&[]);
        form.types(Notes, "gift ");
        form.send(Event::SavePressed);
        let received = |form: &mut Form| {
            let order = form.server.order().clone();
            form.send(Event::OrderReceived(Box::new(order)));
        };
        if is_received_first {
            let (update, key) = form.in_progress[0].clone();
            form.server.put(&update, key).unwrap();
            received(&mut form);
            form.lose_request();
        } else {
            form.lose_answer();
            received(&mut form);
        }
        assert!(form.conflict(Notes).is_none());
        assert!(form.is_closed() && form.is_called_saved());
        assert_eq!(form.shown_ahead(), None);
    }
}

#[test]
fn a_conflict_that_appears_while_a_save_waits_is_not_decided_by_the_machine() {
    for is_offline in [true, false] {
        let mut form = Form::open(&[]);
        form.types(Notes, "mine");
        if is_offline {
            form.connection(Offline);
            form.save();
        } else {
            form.send(Event::SavePressed);
            form.lose_request();
        }
        form.others_change(Notes, "theirs");
        assert_eq!(form.conflict(Notes), Some(("mine", "theirs", Undecided)));
        form.connection(Live);
        assert_eq!(form.state.save_state(), SaveState::Idle);
        assert_eq!(
            form.note(),
            "Not saved yet: somebody else changed the same. Choose below, then save."
        );
        assert_eq!(form.value(Notes), "mine");
        assert_eq!(form.stored(Notes), "theirs");
        assert_eq!(form.shown_ahead(), None);
    }
}

#[test]
fn a_save_that_waits_is_noted_again_after_a_change_of_other_fields() {
    let mut form = Form::open(&[]);
    form.types(Notes, "mine");
    form.send(Event::SavePressed);
    form.lose_request();
    form.others_change(TrackingNumber, "THEIRS-1");
    assert!(form.note().starts_with("Just updated"));
    assert!(form.is_waiting());
    form.timer_fires();
    form.lose_request();
    assert_eq!(form.note(), NO_ANSWER);
}

#[test]
fn a_person_who_does_not_want_to_wait_goes_on_typing() {
    let mut form = waiting_offline();
    form.send(Event::StopWaitingPressed);
    assert_eq!(form.state.save_state(), SaveState::Idle);
    assert_eq!((form.value(Notes), form.note()), ("gift", ""));
    assert_eq!(form.shown_ahead(), None);
    assert!(form.connection(Live).is_empty());
    assert!(!form.is_closed());
}

#[test]
fn a_change_undone_while_its_save_waits_is_not_called_saved() {
    let mut form = waiting_offline();
    form.types(Notes, "");
    assert_eq!(form.state.save_state(), SaveState::Idle);
    assert_eq!(form.shown_ahead(), None);
    form.types(Notes, "no gift");
    form.connection(Live);
    assert!(form.requests().is_empty() && !form.is_called_saved());
    assert_eq!(form.value(Notes), "no gift");
}

#[test]
fn a_waiting_save_that_is_discarded_leaves_nothing_behind() {
    let mut form = waiting_offline();
    form.types(Status, "SHIPPED");
    form.send(Event::CloseRequested);
    form.send(Event::DiscardPressed);
    assert!(form.is_closed());
    assert_eq!(form.shown_ahead(), None);
    assert!(form.connection(Live).is_empty());
    assert!(form.send(Event::TimerFired).is_empty());
    assert!(form.requests().is_empty());
}
