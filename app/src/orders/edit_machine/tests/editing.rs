use domain::orders::draft::Field::{self, Notes, Status, TrackingNumber};

use super::super::Event;
use super::support::Form;

#[test]
fn the_form_names_unsaved_fields_until_they_are_undone() {
    let mut form = Form::open(&[(Notes, "gift")]);
    assert!(form.state.draft().dirty().is_empty() && !form.state.can_save());
    form.types(Notes, "a gift");
    form.types(Status, "CANCELLED");
    assert_eq!(form.state.draft().dirty(), [Status, Notes]);
    assert!(form.state.can_save());
    form.types(Notes, "gift");
    form.types(Status, "CONFIRMED");
    assert!(form.state.draft().dirty().is_empty() && !form.state.can_save());
}

#[test]
fn an_unedited_form_takes_the_changes_of_others_and_names_their_author() {
    for (actor, name) in [
        ("desk:Grace", "Grace"),
        ("shopify", "Shopify"),
        ("desk", "Your team"),
    ] {
        let mut form = Form::open(&[]);
        form.others_change(Status, "SHIPPED");
        assert_eq!(form.version(), 2);
        assert_eq!(form.value(Status), "SHIPPED");
        assert_eq!(form.note(), "Just updated: Status is now Shipped.");
        form.authors_arrive(actor);
        assert_eq!(
            form.note(),
            format!("Just updated: Status is now Shipped ({name}).")
        );
        assert!(!form.state.can_save());
    }
}

#[test]
fn changes_to_other_fields_are_merged_with_a_note_and_the_typed_text_stays() {
    let mut form = Form::open(&[]);
    form.types(Notes, "half a sentence");
    form.others_change(Status, "SHIPPED");
    form.authors_arrive("desk:Grace");
    assert_eq!(
        form.note(),
        "Just updated: Status is now Shipped (Grace). Your changes are kept."
    );
    assert_eq!(form.state.note().map(|note| note.kind), Some("info"));
    assert_eq!(form.value(Notes), "half a sentence");
    form.save();
    assert_eq!(form.stored(Status), "SHIPPED");
    assert_eq!(form.stored(Notes), "half a sentence");
}

#[test]
fn an_old_or_repeated_version_changes_nothing() {
    let mut form = Form::open(&[]);
    let first = form.server.order().clone();
    form.others_change(Notes, "theirs");
    for order in [first, form.server.order().clone()] {
        let effects = form.send(Event::OrderReceived(Box::new(order)));
        assert!(effects.is_empty());
    }
    assert_eq!(form.value(Notes), "theirs");
}

#[test]
fn authors_that_arrive_late_do_not_replace_a_newer_note() {
    let mut form = Form::open(&[]);
    form.types(Notes, "mine");
    form.others_change(Notes, "theirs");
    form.send(Event::RefreshPressed);
    let note = form.note().to_owned();
    form.authors_arrive("desk:Grace");
    assert_eq!(form.note(), note);
    // The text that was set aside can still be brought back.
    assert!(form.state.can_bring_back());
}

#[test]
fn every_field_that_was_set_aside_can_be_brought_back_with_its_conflict() {
    let mut form = Form::open(&[]);
    form.types(TrackingNumber, "MINE-1");
    form.types(Notes, "mine");
    form.others_change(Notes, "theirs");
    form.send(Event::RefreshPressed);
    assert_eq!(
        (form.value(TrackingNumber), form.value(Notes)),
        ("", "theirs")
    );
    form.send(Event::BringBackPressed);
    assert_eq!(form.state.draft().dirty(), [TrackingNumber, Notes]);
    assert!(!form.state.can_bring_back());
    let undecided = domain::orders::draft::Choice::Undecided;
    assert_eq!(form.conflict(Notes), Some(("mine", "theirs", undecided)));
}

#[test]
fn text_set_aside_survives_a_third_change_and_conflicts_with_that_one() {
    let mut form = Form::open(&[]);
    form.types(TrackingNumber, "MINE-1");
    form.types(Notes, "mine");
    form.others_change(Notes, "theirs");
    form.send(Event::RefreshPressed);
    form.others_change(Notes, "third");
    assert_eq!(form.value(Notes), "third");
    form.send(Event::BringBackPressed);
    assert_eq!(
        (form.value(TrackingNumber), form.value(Notes)),
        ("MINE-1", "mine")
    );
    assert_eq!(
        form.conflict(Notes).map(|(_, theirs, _)| theirs),
        Some("third")
    );
}

#[test]
fn nothing_can_be_brought_back_when_nothing_was_typed() {
    let mut form = Form::open(&[]);
    form.types(Notes, "mine");
    form.others_change(Notes, "theirs");
    form.types(Notes, "theirs");
    form.send(Event::RefreshPressed);
    assert!(!form.state.can_bring_back());
    let before: Vec<_> = Field::ALL.map(|field| form.value(field).to_owned()).into();
    form.send(Event::BringBackPressed);
    assert_eq!(before, Field::ALL.map(|field| form.value(field).to_owned()));
}
