//! Both sides of a conflict, decided field by field or all at once.

use chrono::{DateTime, Utc};
use domain::orders::draft::{Choice, Field, FieldConflict};
use leptos::prelude::*;

use super::edit_machine::Event;
use super::editing::{CONFLICT_PANEL, Editing};
use super::notes::{show, who_and_when};
use crate::reactive::{For, Memo, RwSignal, Show, follow, handler, memo, view};

/// The panel, shown while both sides have changed the same field.
#[component]
pub fn ConflictPanel(
    /// The order being edited.
    editing: Editing,
    /// The time now, for ages.
    now: RwSignal<DateTime<Utc>>,
) -> impl IntoView {
    let conflicts = memo(move || editing.with(|state| state.draft().conflicts().to_vec()));
    view! {
        <Show when=move || conflicts.with(|conflicts| !conflicts.is_empty())>
            <section class="conflict" id=CONFLICT_PANEL aria-labelledby="conflict-title" tabindex="-1">
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
                        on:click=handler(move |_| editing.send(Event::RefreshPressed))
                    >
                        "Refresh"
                    </button>
                    <button
                        type="button"
                        class="button button--danger"
                        title="Save what you typed on top of the latest version"
                        on:click=handler(move |_| editing.send(Event::ForcePressed))
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
    field: Field,
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
    let choose = move |choice: Choice| move |_| editing.send(Event::Chose(field, choice));
    let theirs = move || {
        let now = now.get();
        editing.with(|state| who_and_when(state.authors().get(field.as_str()), now))
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
