//! Both sides of a conflict, and the ways out: field by field, or all at once.

use chrono::{DateTime, Utc};
use domain::orders::draft::{Choice, Draft, FieldConflict};
use leptos::prelude::*;

use super::editing::Editing;
use super::notes::{show, who_and_when};
use super::save::Save;
use crate::reactive::{For, Memo, RwSignal, Show, follow, handler, memo, view};

const PANEL_ID: &str = "conflict";

/// Puts the focus on the panel.
pub fn focus() {
    crate::components::keys::focus(PANEL_ID);
}

/// Shown while both sides have changed the same field.
#[component]
pub fn ConflictPanel(
    /// The order.
    editing: Editing,
    /// Saves it.
    save: Save,
    /// The time now, for ages.
    now: RwSignal<DateTime<Utc>>,
) -> impl IntoView {
    let conflicts = memo(move || editing.draft.with(|draft| draft.conflicts().to_vec()));
    view! {
        <Show when=move || conflicts.with(|conflicts| !conflicts.is_empty())>
            <section class="conflict" id=PANEL_ID aria-labelledby="conflict-title" tabindex="-1">
                <h3 class="conflict__title" id="conflict-title">
                    "Somebody else changed the same fields"
                </h3>
                <For each=move || conflicts.get() key=|conflict| conflict.field.as_str().to_owned() let(conflict)>
                    <ConflictRow field=conflict.field conflicts editing now />
                </For>
                <div class="conflict__actions">
                    <button
                        type="button"
                        class="button"
                        title="Show the order as saved; what you typed can be brought back"
                        on:click=handler(move |_| editing.refresh())
                    >
                        "Refresh"
                    </button>
                    <button
                        type="button"
                        class="button button--danger"
                        title="Save what you typed on top of the latest version"
                        on:click=handler(move |_| save.force())
                    >
                        "Force overwrite"
                    </button>
                </div>
            </section>
        </Show>
    }
}

#[component]
fn ConflictRow(
    field: domain::orders::draft::Field,
    conflicts: Memo<Vec<FieldConflict>>,
    editing: Editing,
    now: RwSignal<DateTime<Utc>>,
) -> impl IntoView {
    let conflict = memo(move || {
        conflicts.with(|conflicts| {
            conflicts
                .iter()
                .find(|conflict| conflict.field == field)
                .cloned()
        })
    });
    let read = move |read: fn(&FieldConflict) -> String| {
        follow(move || conflict.with(|conflict| conflict.as_ref().map(read).unwrap_or_default()))
    };
    let chosen = move || {
        conflict.with(|conflict| conflict.as_ref().map_or(Choice::Undecided, |it| it.choice))
    };
    let choose = move |choice: Choice| {
        move |_| {
            editing
                .draft
                .update(|draft: &mut Draft| draft.choose(field, choice));
        }
    };
    let theirs = move || {
        editing
            .authors
            .with(|authors| who_and_when(authors.get(field.as_str()), now.get()))
    };
    view! {
        <div
            class="conflict__row"
            role="group"
            aria-label=field.label()
            data-field=field.as_str()
            data-choice=move || chosen().as_str()
        >
            <span class="conflict__field">{field.label()}</span>
            <div class="conflict__side" data-side="mine">
                <span class="conflict__who">"Yours"</span>
                <span class="conflict__value">{read(|conflict| show(conflict.field, &conflict.mine))}</span>
                <button
                    type="button"
                    class="button button--small"
                    aria-pressed=move || (chosen() == Choice::Mine).to_string()
                    on:click=handler(choose(Choice::Mine))
                >
                    "Keep mine"
                </button>
            </div>
            <div class="conflict__side" data-side="theirs">
                <span class="conflict__who">{follow(theirs)}</span>
                <span class="conflict__value">
                    {read(|conflict| show(conflict.field, &conflict.theirs))}
                </span>
                <button
                    type="button"
                    class="button button--small"
                    aria-pressed=move || (chosen() == Choice::Theirs).to_string()
                    on:click=handler(choose(Choice::Theirs))
                >
                    "Take theirs"
                </button>
            </div>
        </div>
    }
}
