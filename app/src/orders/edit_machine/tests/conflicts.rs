use domain::orders::draft::Choice::{Mine, Theirs, Undecided};
use domain::orders::draft::Field::{Notes, Status, TrackingNumber};

use super::super::save::MAX_TRIES;
use super::super::{Effect, Event, FocusTarget, SaveState};
use super::support::Form;

/// Both sides changed status and notes; ours is not saved yet.
fn in_conflict() -> Form {
    let mut form = Form::open(&[]);
    form.types(Status, "DELIVERED");
    form.types(Notes, "mine");
    form.others_change(Status, "SHIPPED");
    form.others_change(Notes, "theirs");
    form
}

#[test]
fn a_change_of_an_edited_field_asks_before_anything_is_saved() {
    let mut form = Form::open(&[]);
    form.types(Notes, "mine");
    form.others_change(Notes, "theirs");
    assert_eq!(form.conflict(Notes), Some(("mine", "theirs", Undecided)));
    assert_eq!(
        form.note(),
        "Notes changed while you were editing. Your changes are kept; decide below."
    );
    assert_eq!(form.state.note().map(|note| note.kind), Some("warning"));
    form.authors_arrive("desk:Grace");
    assert_eq!(form.state.authors()["notes"].0, "desk:Grace");
    assert_eq!(form.value(Notes), "mine");
    assert!(form.requests().is_empty());
}

#[test]
fn a_save_that_comes_second_shows_both_sides_and_overwrites_nothing() {
    let mut form = Form::open(&[]);
    form.types(Status, "DELIVERED");
    form.types(Notes, "mine");
    form.server.change(Status, "SHIPPED");
    form.server.change(Notes, "theirs");
    form.save();
    assert_eq!(
        form.conflict(Status),
        Some(("DELIVERED", "SHIPPED", Undecided))
    );
    assert_eq!(form.conflict(Notes), Some(("mine", "theirs", Undecided)));
    assert_eq!(form.state.authors()["notes"].0, "desk:Grace");
    assert_eq!(
        (form.value(Status), form.value(Notes)),
        ("DELIVERED", "mine")
    );
    assert_eq!(form.version(), 3);
    assert_eq!(form.requests().len(), 1);
    assert_eq!(form.stored(Notes), "theirs");
    assert_eq!(form.shown_ahead(), None);
}

#[test]
fn a_save_on_top_of_other_fields_or_of_the_same_change_needs_no_decision() {
    for (field, text) in [(TrackingNumber, "THEIRS-1"), (Notes, "mine")] {
        let mut form = Form::open(&[]);
        form.types(Notes, "mine");
        form.server.change(field, text);
        form.save();
        assert!(form.is_closed() && form.is_called_saved());
        assert_eq!(form.stored(Notes), "mine");
        assert_eq!(form.stored(field), text);
    }
}

#[test]
fn a_conflicting_answer_joins_the_open_conflicts_and_reopens_their_decisions() {
    let mut form = Form::open(&[]);
    form.types(Notes, "mine");
    form.types(TrackingNumber, "MINE-1");
    form.others_change(Notes, "second");
    form.chooses(Notes, Mine);
    form.server.change(Notes, "third");
    form.server.change(TrackingNumber, "THIRD-1");
    form.save();
    assert_eq!(form.conflict(Notes), Some(("mine", "third", Undecided)));
    assert_eq!(
        form.conflict(TrackingNumber),
        Some(("MINE-1", "THIRD-1", Undecided))
    );
    assert_eq!(form.state.draft().conflicts().len(), 2);
}

#[test]
fn save_asks_for_a_decision_in_every_conflict_first() {
    let mut form = in_conflict();
    form.chooses(Notes, Mine);
    let effects = form.send(Event::SavePressed);
    assert_eq!(effects, [Effect::Focus(FocusTarget::ConflictPanel)]);
    assert_eq!(form.note(), "Choose below which value to keep, then save.");
    form.chooses(Status, Theirs);
    form.save();
    assert!(form.is_closed());
    assert_eq!(form.stored(Status), "SHIPPED");
    assert_eq!(form.stored(Notes), "mine");
}

#[test]
fn a_third_change_reopens_the_decision_for_mine_only_in_its_field() {
    let mut form = in_conflict();
    form.chooses(Notes, Mine);
    form.chooses(Status, Mine);
    form.server.change(Notes, "third");
    form.save();
    assert_eq!(form.conflict(Notes), Some(("mine", "third", Undecided)));
    assert_eq!(form.conflict(Status), Some(("DELIVERED", "SHIPPED", Mine)));
    assert_eq!(form.stored(Notes), "third");
    form.chooses(Notes, Mine);
    form.save();
    assert_eq!(form.stored(Notes), "mine");
    assert_eq!(form.stored(Status), "DELIVERED");
}

#[test]
fn a_newer_change_of_the_same_field_replaces_theirs_in_the_same_conflict() {
    let mut form = in_conflict();
    form.chooses(Notes, Mine);
    form.others_change(Notes, "third");
    form.authors_arrive("desk:Edsger");
    assert_eq!(form.conflict(Notes), Some(("mine", "third", Undecided)));
    assert_eq!(form.state.authors()["notes"].0, "desk:Edsger");
    assert_eq!(form.value(Notes), "mine");
}

#[test]
fn a_decision_stands_while_other_fields_change() {
    let mut form = in_conflict();
    form.chooses(Notes, Mine);
    form.others_change(TrackingNumber, "THEIRS-1");
    assert_eq!(form.conflict(Notes), Some(("mine", "theirs", Mine)));
}

#[test]
fn a_conflict_ends_when_both_values_become_the_same() {
    let mut form = Form::open(&[]);
    form.types(Notes, "mine");
    form.others_change(Notes, "theirs");
    form.types(Notes, "theirs");
    assert!(form.conflict(Notes).is_none() && !form.state.is_dirty());
    form.types(Notes, "mine again");
    form.others_change(Notes, "theirs again");
    form.others_change(Notes, "mine again");
    assert!(form.conflict(Notes).is_none() && !form.state.is_dirty());
}

#[test]
fn taking_theirs_can_be_undone_and_leaves_nothing_to_send() {
    let mut form = in_conflict();
    form.chooses(Notes, Theirs);
    assert_eq!(form.value(Notes), "theirs");
    assert_eq!(form.conflict(Notes), Some(("mine", "theirs", Theirs)));
    form.chooses(Notes, Mine);
    assert_eq!(form.value(Notes), "mine");
    form.chooses(Notes, Theirs);
    form.chooses(Status, Theirs);
    assert!(form.state.can_save());
    form.save();
    assert!(form.is_closed());
    assert!(form.requests().is_empty());
}

#[test]
fn taking_theirs_follows_a_third_change_and_keeps_the_typed_text() {
    let mut form = in_conflict();
    form.chooses(Notes, Theirs);
    form.others_change(Notes, "third");
    assert_eq!(form.value(Notes), "third");
    form.chooses(Notes, Mine);
    assert_eq!(form.value(Notes), "mine");
}

#[test]
fn taking_theirs_takes_a_third_value_that_arrives_with_the_save() {
    let mut form = in_conflict();
    form.chooses(Notes, Theirs);
    form.chooses(Status, Mine);
    form.server.change(Notes, "third");
    form.save();
    assert!(form.is_closed());
    assert_eq!(form.stored(Notes), "third");
    assert_eq!(form.stored(Status), "DELIVERED");
}

#[test]
fn refresh_shows_the_latest_order_and_editing_goes_on_from_there() {
    let mut form = in_conflict();
    form.others_change(TrackingNumber, "THIRD-1");
    let effects = form.send(Event::RefreshPressed);
    assert_eq!(effects, [Effect::Focus(FocusTarget::FirstField)]);
    assert!(form.state.draft().conflicts().is_empty() && !form.state.is_dirty());
    assert_eq!(
        (form.value(Status), form.value(Notes)),
        ("SHIPPED", "theirs")
    );
    form.others_change(Notes, "fourth");
    assert_eq!(form.value(Notes), "fourth");
    form.types(Notes, "fourth and mine");
    form.save();
    let requests = form.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].0.version, Some(5));
    assert_eq!(form.stored(Notes), "fourth and mine");
}

#[test]
fn text_is_brought_back_even_where_theirs_was_taken() {
    let mut form = in_conflict();
    form.chooses(Notes, Theirs);
    form.send(Event::RefreshPressed);
    form.send(Event::BringBackPressed);
    form.chooses(Notes, Mine);
    assert_eq!(form.value(Notes), "mine");
}

#[test]
fn force_saves_mine_on_top_of_theirs_even_where_theirs_was_taken() {
    for takes_theirs_first in [false, true] {
        let mut form = in_conflict();
        if takes_theirs_first {
            form.chooses(Notes, Theirs);
        }
        form.send(Event::ForcePressed);
        form.answers();
        assert!(form.is_closed());
        assert_eq!(form.requests().len(), 1);
        assert_eq!(form.requests()[0].0.version, Some(3));
        assert_eq!(form.stored(Status), "DELIVERED");
        assert_eq!(form.stored(Notes), "mine");
    }
}

#[test]
fn force_saves_mine_on_top_of_a_third_change_and_keeps_their_other_fields() {
    let mut form = in_conflict();
    form.server.change(Notes, "third");
    form.server.change(TrackingNumber, "THIRD-1");
    form.send(Event::ForcePressed);
    form.answers();
    let versions: Vec<_> = form.requests().iter().map(|it| it.0.version).collect();
    assert_eq!(versions, [Some(3), Some(5)]);
    assert_eq!(form.stored(Status), "DELIVERED");
    assert_eq!(form.stored(Notes), "mine");
    assert_eq!(form.stored(TrackingNumber), "THIRD-1");
}

#[test]
fn an_order_that_changes_at_every_attempt_ends_in_a_note_and_not_in_a_loop() {
    let mut form = in_conflict();
    form.send(Event::ForcePressed);
    for attempt in 0..MAX_TRIES {
        form.server.change(Notes, &format!("theirs {attempt}"));
        form.answer();
    }
    assert!(form.in_progress.is_empty());
    assert_eq!(form.state.save_state(), SaveState::Idle);
    assert!(form.note().contains("keeps changing"));
    assert_eq!(form.value(Notes), "mine");
    form.save();
    assert_eq!(form.stored(Notes), "mine");
}
