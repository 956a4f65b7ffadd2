use proptest::prelude::*;

use super::*;
use crate::orders::samples;

fn order() -> Order {
    Order::from(&samples::order())
}

fn changed(order: &Order, field: Field, value: &str) -> Order {
    let mut next = order.clone();
    let text = Some(value.to_owned()).filter(|text| !text.is_empty());
    match field {
        Field::Status => next.status = value.parse().unwrap(),
        Field::TrackingNumber => next.tracking_number = text,
        Field::Notes => next.notes = text,
    }
    next.version += 1;
    next
}

/// A draft with my note, and the order after theirs.
fn conflicting() -> (Draft, Order) {
    let mut draft = Draft::new(order());
    draft.set(Field::Notes, "mine");
    let live = changed(draft.base(), Field::Notes, "theirs");
    (draft, live)
}

#[test]
fn an_unedited_draft_follows_the_order() {
    let mut draft = Draft::new(order());
    let live = changed(draft.base(), Field::Status, "SHIPPED");
    let rebased = draft.rebase(live);
    assert_eq!(rebased.followed, [Field::Status]);
    assert_eq!(draft.get(Field::Status), "SHIPPED");
    assert!(draft.dirty().is_empty());
}

#[test]
fn changes_to_other_fields_merge_and_keep_what_was_typed() {
    let mut draft = Draft::new(order());
    draft.set(Field::Notes, "mine");
    let live = changed(draft.base(), Field::TrackingNumber, "1Z");
    let rebased = draft.rebase(live.clone());
    assert_eq!(rebased.followed, [Field::TrackingNumber]);
    assert!(rebased.conflicts.is_empty());
    assert_eq!(draft.get(Field::Notes), "mine");
    assert_eq!(draft.base().version, live.version);
    assert_eq!(draft.edit().notes, Some(Some("mine".into())));
    assert_eq!(draft.edit().tracking_number, None);
}

#[test]
fn a_change_of_an_edited_field_is_a_conflict_for_the_person_to_decide() {
    let (mut draft, live) = conflicting();
    assert_eq!(draft.rebase(live).conflicts, [Field::Notes]);
    assert!(draft.has_undecided());
    assert_eq!(draft.get(Field::Notes), "mine");
    assert_eq!(draft.conflicts()[0].theirs, "theirs");
}

#[test]
fn the_same_change_by_both_is_no_conflict() {
    let (mut draft, live) = conflicting();
    draft.set(Field::Notes, "theirs");
    assert_eq!(draft.rebase(live), Rebased::default());
    assert!(draft.conflicts().is_empty());
    assert!(draft.dirty().is_empty());
}

#[test]
fn keeping_mine_saves_it_and_taking_theirs_does_not() {
    let (mut draft, live) = conflicting();
    draft.rebase(live);
    draft.choose(Field::Notes, Choice::Mine);
    assert!(!draft.has_undecided());
    assert_eq!(draft.edit().notes, Some(Some("mine".into())));
    draft.choose(Field::Notes, Choice::Theirs);
    assert_eq!(draft.edit(), OrderEdit::default());
    // The typed value is not lost.
    draft.choose(Field::Notes, Choice::Mine);
    assert_eq!(draft.get(Field::Notes), "mine");
}

#[test]
fn a_third_change_reopens_a_decision_for_mine_and_updates_a_decision_for_theirs() {
    let (mut draft, live) = conflicting();
    draft.rebase(live.clone());
    draft.choose(Field::Notes, Choice::Mine);
    let third = changed(&live, Field::Notes, "third");
    assert_eq!(draft.rebase(third.clone()).conflicts, [Field::Notes]);
    assert!(draft.has_undecided());
    assert_eq!(draft.conflicts()[0].theirs, "third");
    draft.choose(Field::Notes, Choice::Theirs);
    let fourth = changed(&third, Field::Notes, "fourth");
    draft.rebase(fourth);
    assert_eq!(draft.get(Field::Notes), "fourth");
    assert!(!draft.has_undecided());
}

#[test]
fn a_third_change_elsewhere_leaves_a_decision_alone() {
    let (mut draft, live) = conflicting();
    draft.rebase(live.clone());
    draft.choose(Field::Notes, Choice::Mine);
    draft.rebase(changed(&live, Field::Status, "SHIPPED"));
    assert!(!draft.has_undecided());
    assert_eq!(draft.get(Field::Status), "SHIPPED");
}

#[test]
fn refresh_shows_the_stored_order_and_returns_the_typed_values() {
    let (mut draft, live) = conflicting();
    draft.set(Field::TrackingNumber, "1Z");
    draft.rebase(live);
    let mine = draft.refresh();
    assert_eq!(draft.get(Field::Notes), "theirs");
    assert!(draft.dirty().is_empty());
    assert_eq!(mine.get(Field::TrackingNumber), "1Z");
    assert_eq!(mine.get(Field::Notes), "mine");
}

#[test]
fn a_refreshed_draft_can_be_restored_with_its_undecided_conflict() {
    let (mut draft, live) = conflicting();
    draft.rebase(live.clone());
    let mine = draft.refresh();
    assert!(mine.has_input());
    draft.set(Field::TrackingNumber, "1Z");
    draft.restore(mine);
    assert!(draft.has_undecided());
    assert_eq!(draft.get(Field::Notes), "mine");
    assert_eq!(draft.get(Field::TrackingNumber), "1Z");
    // The same after yet another change.
    let mine = draft.refresh();
    let third = changed(&live, Field::Notes, "third");
    draft.rebase(third);
    draft.restore(mine);
    assert_eq!(draft.conflicts()[0].theirs, "third");
}

#[test]
fn typed_text_is_kept_even_where_theirs_was_taken() {
    let (mut draft, live) = conflicting();
    draft.rebase(live);
    draft.choose(Field::Notes, Choice::Theirs);
    assert!(draft.dirty().is_empty());
    let mine = draft.refresh();
    assert!(mine.has_input());
    draft.restore(mine);
    draft.choose(Field::Notes, Choice::Mine);
    assert_eq!(draft.get(Field::Notes), "mine");
}

#[test]
fn what_was_typed_during_a_save_stays() {
    let mut draft = Draft::new(order());
    draft.set(Field::Notes, "first ");
    let sent = draft.values();
    draft.set(Field::TrackingNumber, "1Z");
    let saved = changed(draft.base(), Field::Notes, "first");
    draft.saved(&sent, saved);
    assert_eq!(draft.get(Field::Notes), "first");
    assert_eq!(draft.dirty(), [Field::TrackingNumber]);
}

#[test]
fn a_field_that_both_set_during_a_save_is_a_conflict_to_decide() {
    let mut draft = Draft::new(order());
    draft.set(Field::Notes, "first");
    let sent = draft.values();
    draft.set(Field::TrackingNumber, "MINE-1");
    let merged = changed(draft.base(), Field::Notes, "first");
    let merged = changed(&merged, Field::TrackingNumber, "THEIRS-1");
    draft.saved(&sent, merged);
    assert!(draft.has_undecided());
    assert_eq!(draft.conflicts()[0].theirs, "THEIRS-1");
    assert_eq!(draft.get(Field::TrackingNumber), "MINE-1");
}

#[test]
fn blanks_that_are_not_stored_are_no_difference_and_stay_in_the_field() {
    let mut draft = Draft::new(order());
    draft.set(Field::Notes, "gift ");
    let live = changed(draft.base(), Field::Notes, "gift");
    assert_eq!(draft.rebase(live), Rebased::default());
    assert!(draft.conflicts().is_empty() && draft.dirty().is_empty());
    // The person may be about to type the next word.
    assert_eq!(draft.get(Field::Notes), "gift ");
}

#[test]
fn an_old_version_changes_nothing() {
    let (mut draft, live) = conflicting();
    draft.rebase(live.clone());
    let before = draft.clone();
    assert_eq!(draft.rebase(live), Rebased::default());
    assert_eq!(draft, before);
}

fn field() -> impl Strategy<Value = Field> {
    prop::sample::select(Field::ALL.to_vec())
}

proptest! {
    /// Whatever others change, in any order: an edited field shows the typed value, an
    /// unedited one the stored value, and a field that both set differently is a
    /// conflict.
    #[test]
    fn typed_text_survives_any_sequence_of_changes(
        typed in prop::collection::vec((prop::sample::select(vec![Field::TrackingNumber, Field::Notes]), "[ab]{1,2}"), 0..4),
        changes in prop::collection::vec((field(), "[abc]{0,2}"), 0..12),
    ) {
        let mut draft = Draft::new(order());
        for (field, text) in &typed {
            draft.set(*field, text.clone());
        }
        let mine = draft.values();
        let touched = draft.dirty();
        let mut live = order();
        for (field, text) in changes {
            let text = if field == Field::Status { "SHIPPED".to_owned() } else { text };
            live = changed(&live, field, &text);
            draft.rebase(live.clone());
        }
        let stored = Values::of(&live);
        for field in Field::ALL {
            // Once both agree, the typed value is the stored one.
            let typed = draft.get(field) == mine.get(field);
            let follows = draft.get(field) == stored.get(field);
            if touched.contains(&field) {
                prop_assert!(typed || follows, "{field:?}");
            } else {
                prop_assert!(follows, "{field:?}");
            }
            let asked = draft.conflicts().iter().any(|conflict| conflict.field == field && conflict.choice == Choice::Undecided);
            let both = Values::of(&order()).get(field) != stored.get(field);
            if asked {
                prop_assert!(draft.get(field) != stored.get(field) || draft.conflicts().iter().any(|conflict| conflict.mine == mine.get(field)));
            } else if touched.contains(&field) && both {
                prop_assert!(follows, "{field:?} was overwritten without asking");
            }
        }
    }
}
