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
fn clashing() -> (Draft, Order) {
    let mut draft = Draft::new(order());
    draft.set(Field::Notes, "mine");
    let live = changed(draft.base(), Field::Notes, "theirs");
    (draft, live)
}

#[test]
fn an_untouched_draft_follows_the_order() {
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
    assert!(rebased.clashed.is_empty());
    assert_eq!(draft.get(Field::Notes), "mine");
    assert_eq!(draft.base().version, live.version);
    assert_eq!(draft.edit().notes, Some(Some("mine".into())));
    assert_eq!(draft.edit().tracking_number, None);
}

#[test]
fn the_same_field_is_for_the_person_to_decide() {
    let (mut draft, live) = clashing();
    assert_eq!(draft.rebase(live).clashed, [Field::Notes]);
    assert!(draft.is_open());
    assert_eq!(draft.get(Field::Notes), "mine");
    assert_eq!(draft.clashes()[0].theirs, "theirs");
}

#[test]
fn both_doing_the_same_is_no_conflict() {
    let (mut draft, live) = clashing();
    draft.set(Field::Notes, "theirs");
    assert_eq!(draft.rebase(live), Rebased::default());
    assert!(draft.clashes().is_empty());
    assert!(draft.dirty().is_empty());
}

#[test]
fn keeping_mine_saves_it_and_taking_theirs_does_not() {
    let (mut draft, live) = clashing();
    draft.rebase(live);
    draft.choose(Field::Notes, Choice::Mine);
    assert!(!draft.is_open());
    assert_eq!(draft.edit().notes, Some(Some("mine".into())));
    draft.choose(Field::Notes, Choice::Theirs);
    assert_eq!(draft.edit(), OrderEdit::default());
    // Nothing typed is lost.
    draft.choose(Field::Notes, Choice::Mine);
    assert_eq!(draft.get(Field::Notes), "mine");
}

#[test]
fn a_third_change_opens_a_decision_for_mine_again_and_theirs_follows() {
    let (mut draft, live) = clashing();
    draft.rebase(live.clone());
    draft.choose(Field::Notes, Choice::Mine);
    let third = changed(&live, Field::Notes, "third");
    assert_eq!(draft.rebase(third.clone()).clashed, [Field::Notes]);
    assert!(draft.is_open());
    assert_eq!(draft.clashes()[0].theirs, "third");
    draft.choose(Field::Notes, Choice::Theirs);
    let fourth = changed(&third, Field::Notes, "fourth");
    draft.rebase(fourth);
    assert_eq!(draft.get(Field::Notes), "fourth");
    assert!(!draft.is_open());
}

#[test]
fn a_third_change_elsewhere_leaves_a_decision_alone() {
    let (mut draft, live) = clashing();
    draft.rebase(live.clone());
    draft.choose(Field::Notes, Choice::Mine);
    draft.rebase(changed(&live, Field::Status, "SHIPPED"));
    assert!(!draft.is_open());
    assert_eq!(draft.get(Field::Status), "SHIPPED");
}

#[test]
fn refresh_shows_what_is_stored_and_hands_back_what_was_typed() {
    let (mut draft, live) = clashing();
    draft.set(Field::TrackingNumber, "1Z");
    draft.rebase(live);
    let mine = draft.refresh();
    assert_eq!(draft.get(Field::Notes), "theirs");
    assert!(draft.dirty().is_empty());
    assert_eq!(mine.get(Field::TrackingNumber), "1Z");
    assert_eq!(mine.get(Field::Notes), "mine");
}

#[test]
fn what_was_handed_back_can_be_restored_with_its_question() {
    let (mut draft, live) = clashing();
    draft.rebase(live.clone());
    let mine = draft.refresh();
    assert!(mine.has_words());
    draft.set(Field::TrackingNumber, "1Z");
    draft.restore(mine);
    assert!(draft.is_open());
    assert_eq!(draft.get(Field::Notes), "mine");
    assert_eq!(draft.get(Field::TrackingNumber), "1Z");
    // The same after yet another change.
    let mine = draft.refresh();
    let third = changed(&live, Field::Notes, "third");
    draft.rebase(third);
    draft.restore(mine);
    assert_eq!(draft.clashes()[0].theirs, "third");
}

#[test]
fn words_are_kept_even_where_theirs_was_taken() {
    let (mut draft, live) = clashing();
    draft.rebase(live);
    draft.choose(Field::Notes, Choice::Theirs);
    assert!(draft.dirty().is_empty());
    let mine = draft.refresh();
    assert!(mine.has_words());
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
fn a_field_both_set_during_a_save_is_for_the_person_to_decide() {
    let mut draft = Draft::new(order());
    draft.set(Field::Notes, "first");
    let sent = draft.values();
    draft.set(Field::TrackingNumber, "MINE-1");
    let merged = changed(draft.base(), Field::Notes, "first");
    let merged = changed(&merged, Field::TrackingNumber, "THEIRS-1");
    draft.saved(&sent, merged);
    assert!(draft.is_open());
    assert_eq!(draft.clashes()[0].theirs, "THEIRS-1");
    assert_eq!(draft.get(Field::TrackingNumber), "MINE-1");
}

#[test]
fn blanks_that_are_not_stored_are_no_difference_and_are_not_taken_away() {
    let mut draft = Draft::new(order());
    draft.set(Field::Notes, "gift ");
    let live = changed(draft.base(), Field::Notes, "gift");
    assert_eq!(draft.rebase(live), Rebased::default());
    assert!(draft.clashes().is_empty() && draft.dirty().is_empty());
    // Somebody may be about to type the next word.
    assert_eq!(draft.get(Field::Notes), "gift ");
}

#[test]
fn old_news_changes_nothing() {
    let (mut draft, live) = clashing();
    draft.rebase(live.clone());
    let before = draft.clone();
    assert_eq!(draft.rebase(live), Rebased::default());
    assert_eq!(draft, before);
}

fn field() -> impl Strategy<Value = Field> {
    prop::sample::select(Field::ALL.to_vec())
}

proptest! {
    /// Whatever others do, in whatever order: a touched field shows what was
    /// typed, an untouched one what is stored, and what both hold differently
    /// was asked about.
    #[test]
    fn typing_survives_any_storm(
        typed in prop::collection::vec((prop::sample::select(vec![Field::TrackingNumber, Field::Notes]), "[ab]{1,2}"), 0..4),
        storm in prop::collection::vec((field(), "[abc]{0,2}"), 0..12),
    ) {
        let mut draft = Draft::new(order());
        for (field, text) in &typed {
            draft.set(*field, text.clone());
        }
        let mine = draft.values();
        let touched = draft.dirty();
        let mut live = order();
        for (field, text) in storm {
            let text = if field == Field::Status { "SHIPPED".to_owned() } else { text };
            live = changed(&live, field, &text);
            draft.rebase(live.clone());
        }
        let stored = Values::of(&live);
        for field in Field::ALL {
            // Once both agree there is nothing of mine left to keep.
            let typed = draft.get(field) == mine.get(field);
            let follows = draft.get(field) == stored.get(field);
            if touched.contains(&field) {
                prop_assert!(typed || follows, "{field:?}");
            } else {
                prop_assert!(follows, "{field:?}");
            }
            let asked = draft.clashes().iter().any(|clash| clash.field == field && clash.choice == Choice::Open);
            let both = Values::of(&order()).get(field) != stored.get(field);
            if asked {
                prop_assert!(draft.get(field) != stored.get(field) || draft.clashes().iter().any(|clash| clash.mine == mine.get(field)));
            } else if touched.contains(&field) && both {
                prop_assert!(follows, "{field:?} was overwritten without asking");
            }
        }
    }
}
