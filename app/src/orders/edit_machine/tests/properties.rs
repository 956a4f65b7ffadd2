use std::collections::HashMap;

use domain::orders::draft::{Choice, Field, Values};
use proptest::prelude::*;

use super::super::{Answer, Effect, Event, SaveState};
use super::actions::{Action, any_action, field_and_text, run, safe_action};
use super::support::Form;
use crate::live::ConnectionState;

/// The typed text of every field that must not be lost yet.
type Typed = HashMap<Field, String>;

fn is_kept(form: &Form, field: Field, text: &str) -> bool {
    let is_mine = |(mine, _, _): (&str, &str, Choice)| mine == text;
    form.value(field) == text || form.conflict(field).is_some_and(is_mine)
}

/// Forgets the texts that were stored, or given up for the other side.
fn forget_stored(typed: &mut Typed, form: &Form, before: &[(Field, Choice)], seen: usize) {
    let is_saved = form.effects[seen..]
        .iter()
        .any(|effect| matches!(effect, Effect::ApplyOrder(_)));
    typed.retain(|field, text| {
        let was_stored = form
            .server
            .versions
            .iter()
            .any(|version| Values::of(version).get(*field) == text.trim());
        let was_given_up = is_saved && before.contains(&(*field, Choice::Theirs));
        !was_stored && !was_given_up
    });
}

fn choices(form: &Form) -> Vec<(Field, Choice)> {
    let conflicts = form.state.draft().conflicts().iter();
    conflicts.map(|it| (it.field, it.choice)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    /// Whatever happens in whatever order: text that was neither stored nor given up by
    /// a decision is in its field or in its conflict.
    #[test]
    fn typed_text_is_never_dropped(actions in prop::collection::vec(safe_action(), 0..40)) {
        let mut form = Form::open(&[]);
        let mut typed = Typed::new();
        for action in &actions {
            let (before, seen) = (choices(&form), form.effects.len());
            run(&mut form, action);
            if let Action::Type(field, text) = action {
                typed.insert(*field, text.clone());
            }
            forget_stored(&mut typed, &form, &before, seen);
            for (field, text) in &typed {
                prop_assert!(is_kept(&form, *field, text), "{field:?} {text:?} after {action:?}");
            }
            if form.is_closed() {
                break;
            }
        }
        // The form closes by itself only when nothing is left to save.
        if form.is_closed() {
            prop_assert!(!form.state.is_dirty());
        }
    }

    /// Every request names the version that the form shows, no older one than before,
    /// and no field whose conflict is not decided. One is in progress at a time, and the
    /// form is sending exactly while one is.
    #[test]
    fn requests_are_based_on_the_shown_version_and_sent_one_at_a_time(
        actions in prop::collection::vec(any_action(), 0..40),
    ) {
        let mut form = Form::open(&[]);
        let mut newest = 0;
        for action in &actions {
            let effects = run(&mut form, action);
            for effect in effects {
                let Effect::Send { update, .. } = effect else { continue };
                let version = update.version.unwrap_or(0);
                prop_assert_eq!(version, form.version());
                prop_assert!(version >= newest);
                newest = version;
                prop_assert!(!form.state.draft().has_undecided());
            }
            let is_sending = form.state.save_state() == SaveState::Sending;
            prop_assert_eq!(form.in_progress.len(), usize::from(is_sending));
        }
    }

    /// Until an answer arrives, the same edit of the same version is sent under the same
    /// key; another one under another key. So nothing is ever stored twice.
    #[test]
    fn a_request_keeps_its_key_until_it_is_answered(
        actions in prop::collection::vec(any_action(), 0..40),
    ) {
        let mut form = Form::open(&[]);
        for action in &actions {
            run(&mut form, action);
        }
        for pair in form.requests().windows(2) {
            prop_assert_eq!(pair[0].0 == pair[1].0, pair[0].1 == pair[1].1);
        }
    }

    /// A save that waits always has something to wait for: a connection that is not
    /// live, or a timer.
    #[test]
    fn a_waiting_save_always_continues(actions in prop::collection::vec(any_action(), 0..40)) {
        let mut form = Form::open(&[]);
        let mut connection = ConnectionState::Live;
        for action in &actions {
            run(&mut form, action);
            if let Action::Connection(state) = action {
                connection = *state;
            }
            if form.is_waiting() && connection == ConnectionState::Live {
                prop_assert!(form.timers > 0);
            }
        }
    }

    /// After any run, once the connection is back and the person decides and saves, the
    /// form closes and the server has what the form showed.
    #[test]
    fn every_run_ends_with_the_shown_values_stored(
        actions in prop::collection::vec(any_action(), 0..40),
    ) {
        let mut form = Form::open(&[]);
        for action in &actions {
            run(&mut form, action);
        }
        form.connection(ConnectionState::Live);
        form.answers();
        let order = form.server.order().clone();
        form.send(Event::OrderReceived(Box::new(order)));
        for field in Field::ALL {
            form.chooses(field, Choice::Mine);
        }
        if !form.is_closed() {
            let shown = form.state.draft().values();
            form.send(Event::SavePressed);
            form.answers();
            form.send(Event::CloseRequested);
            prop_assert!(shown.is_same(&Values::of(form.server.order())));
        }
        prop_assert!(form.is_closed());
        prop_assert_eq!(form.state.save_state(), SaveState::Idle);
        prop_assert_eq!(form.shown_ahead(), None);
    }

    /// Text set aside by a refresh comes back as it was.
    #[test]
    fn a_refresh_can_be_undone(
        typed in field_and_text(),
        changes in prop::collection::vec(field_and_text(), 0..6),
    ) {
        let mut form = Form::open(&[]);
        let (field, text) = typed;
        form.types(field, &text);
        let was_dirty = form.state.is_dirty();
        form.send(Event::RefreshPressed);
        for (field, text) in changes {
            form.others_change(field, text.trim());
        }
        prop_assert_eq!(form.state.can_bring_back(), was_dirty);
        form.send(Event::BringBackPressed);
        if was_dirty {
            let is_stored = form.stored(field) == text.trim();
            prop_assert!(is_stored || is_kept(&form, field, &text));
        }
    }

    /// No event in any state panics, not even one that cannot happen there.
    #[test]
    fn impossible_events_are_ignored(
        actions in prop::collection::vec(any_action(), 0..20),
        is_discarded in any::<bool>(),
    ) {
        let mut form = Form::open(&[]);
        for action in &actions {
            run(&mut form, action);
            if form.in_progress.is_empty() {
                let answer: Answer = Ok(Box::new(form.server.order().clone()));
                let before = form.state.draft().values();
                let effects = form.send(Event::Answered(answer));
                prop_assert!(form.is_closed() || effects.is_empty());
                prop_assert_eq!(before, form.state.draft().values());
            }
        }
        if is_discarded {
            form.send(Event::DiscardPressed);
            prop_assert!(form.send(Event::SavePressed).is_empty());
        }
    }
}
