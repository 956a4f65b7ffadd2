//! The edit form: what a person may change, and the version it is based on.

use chrono::{DateTime, Utc};
use domain::orders::draft::Field;
use domain::wire::presence::{Doing, PRESENT, Present};
use leptos::ev::{self, KeyboardEvent, SubmitEvent};
use leptos::prelude::*;

use super::conflict::ConflictPanel;
use super::editing::{Closing, Editing, Saving, focus_fields};
use super::fields::{Facts, Fields};
use super::history::History;
use super::row_state::Row;
use super::save::Save;
use super::store::OrderStore;
use crate::components::icons::Close;
use crate::components::keys::focus;
use crate::components::people::{People, sentence};
use crate::components::user_name::use_user_name;
use crate::live::{ConnectionState, Live};
use crate::reactive::{RwSignal, Show, effect, follow, handler, view};

/// The form inside the dialog.
#[component]
pub fn EditForm(
    /// The order, live.
    row: Row,
    /// Gets the saved order.
    store: OrderStore,
    /// Tells others, and holds saves while it is down.
    live: Live,
    /// The time now, for ages.
    now: RwSignal<DateTime<Utc>>,
    /// Told how to close this form.
    closing: RwSignal<Option<Closing>>,
) -> impl IntoView {
    let people = RwSignal::from(row.people.clone());
    let editing = Editing::new(row, store);
    let save = Save::new(editing, live);
    let shows_history = RwSignal::new(false);
    closing.set(Some(editing.closing()));
    tell_others(&editing, live);
    warn_before_leaving(&editing);

    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        save.run();
    };
    let on_key = move |event: KeyboardEvent| {
        if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
            event.prevent_default();
            save.run();
        }
    };
    view! {
        <form class="modal__form" on:submit=handler(submit) on:keydown=handler(on_key)>
            <FormHead editing people />
            <Tabs shows_history />
            <div class="modal__body">
                <p class="people-note" role="status">
                    {move || people.with(|people| sentence(people))}
                </p>
                <Notice editing save />
                <ConflictPanel editing save now />
                <Show
                    when=move || shows_history.get()
                    fallback=move || {
                        view! {
                            <div
                                class="tabpanel"
                                role="tabpanel"
                                id="panel-details"
                                aria-labelledby="tab-details"
                            >
                                <Facts order=editing.live />
                                <Fields editing />
                            </div>
                        }
                    }
                >
                    <History order=editing.live now />
                </Show>
            </div>
            <Discard editing />
            <FormFoot editing />
        </form>
    }
}

/// Says who is here and what they do, for as long as the form is open.
fn tell_others(editing: &Editing, live: Live) {
    let editing = *editing;
    let me = use_user_name();
    effect(move || {
        let is_dirty = editing.dirty.with(|dirty| !dirty.is_empty());
        if live.connection.get() == ConnectionState::Live {
            let present = Present {
                order: Some(editing.id),
                doing: if is_dirty {
                    Doing::Editing
                } else {
                    Doing::Viewing
                },
                name: me.get(),
            };
            live.emit(PRESENT, &present);
        }
    });
    on_cleanup(move || {
        let left = Present {
            order: None,
            doing: Doing::Viewing,
            name: String::new(),
        };
        live.emit(PRESENT, &left);
    });
}

/// The browser asks before a page with unsaved changes is left.
fn warn_before_leaving(editing: &Editing) {
    let editing = *editing;
    effect(move || {
        let handle = window_event_listener(ev::beforeunload, move |event| {
            if editing.dirty.try_with_untracked(Vec::is_empty) == Some(false) {
                event.prevent_default();
            }
        });
        on_cleanup(move || handle.remove());
    });
}

#[component]
fn FormHead(
    editing: Editing,
    people: RwSignal<Vec<domain::wire::presence::Person>>,
) -> impl IntoView {
    let version = move || editing.draft.with(|draft| draft.base().version);
    view! {
        <header class="modal__head">
            <h2 class="modal__title" id="edit-title">
                {move || editing.live.with(|order| format!("Order {}", order.name))}
            </h2>
            <span class="modal__version">{move || format!("Version {}", version())}</span>
            <People people=Signal::derive(move || people.get()) />
            <button
                type="button"
                class="icon-button"
                aria-label="Close"
                on:click=handler(move |_| editing.closing().ask())
            >
                <Close />
            </button>
        </header>
    }
}

#[component]
fn Tabs(shows_history: RwSignal<bool>) -> impl IntoView {
    let tab = move |name: &'static str, id: &'static str, panel: &'static str, history: bool| {
        let is_selected = move || shows_history.get() == history;
        view! {
            <button
                type="button"
                class="tab"
                role="tab"
                id=id
                aria-controls=move || is_selected().then_some(panel)
                aria-selected=move || is_selected().to_string()
                tabindex=move || if is_selected() { "0" } else { "-1" }
                on:click=handler(move |_| shows_history.set(history))
            >
                {name}
            </button>
        }
    };
    // Two tabs: either arrow leads to the other one.
    let on_key = move |event: KeyboardEvent| {
        if matches!(event.key().as_str(), "ArrowLeft" | "ArrowRight") {
            event.prevent_default();
            shows_history.update(|history| *history = !*history);
            let history = shows_history.get_untracked();
            focus(if history {
                "tab-history"
            } else {
                "tab-details"
            });
        }
    };
    view! {
        <div class="tabs" role="tablist" aria-label="Order" on:keydown=handler(on_key)>
            {tab("Details", "tab-details", "panel-details", false)}
            {tab("History", "tab-history", "panel-history", true)}
        </div>
    }
}

#[component]
fn Notice(editing: Editing, save: Save) -> impl IntoView {
    let kind = move || {
        editing
            .note
            .with(|note| note.as_ref().map(|note| note.kind))
    };
    let text = move || {
        editing
            .note
            .with(|note| note.as_ref().map(|note| note.text.clone()))
    };
    let can_bring_back = move || editing.discarded.with(Option::is_some);
    view! {
        <div class="modal__notice" role="status" data-kind=follow(kind)>
            {follow(text)}
            <Show when=can_bring_back>
                <button type="button" class="link" on:click=handler(move |_| editing.bring_back())>
                    "Bring my changes back"
                </button>
            </Show>
            <Show when=move || editing.saving.get() == Saving::Held>
                <button type="button" class="link" on:click=handler(move |_| {
                        save.stop_waiting();
                        focus_fields();
                    })>
                    "Do not wait"
                </button>
            </Show>
        </div>
    }
}

#[component]
fn Discard(editing: Editing) -> impl IntoView {
    const KEEP: &str = "keep-editing";
    effect(move || {
        if editing.asking.get() {
            request_animation_frame(|| focus(KEEP));
        }
    });
    view! {
        <Show when=move || editing.asking.get()>
            <div class="discard" role="alert">
                <span class="discard__question">"Discard your changes?"</span>
                <button
                    type="button"
                    class="button"
                    id=KEEP
                    on:click=handler(move |_| editing.stay())
                >
                    "Keep editing"
                </button>
                <button
                    type="button"
                    class="button button--danger"
                    on:click=handler(move |_| editing.close())
                >
                    "Discard"
                </button>
            </div>
        </Show>
    }
}

#[component]
fn FormFoot(editing: Editing) -> impl IntoView {
    let unsaved = move || {
        editing.dirty.with(|dirty| {
            let fields: Vec<_> = dirty.iter().copied().map(Field::label).collect();
            if fields.is_empty() {
                String::new()
            } else {
                format!("Unsaved changes: {}", fields.join(", "))
            }
        })
    };
    let saving = editing.saving;
    let nothing = move || {
        let decided = editing.draft.with(|draft| !draft.conflicts().is_empty());
        editing.dirty.with(Vec::is_empty) && !decided
    };
    view! {
        <footer class="modal__foot">
            <span class="modal__dirty">{follow(unsaved)}</span>
            <div class="modal__actions">
                <button type="button" class="button" on:click=handler(move |_| editing.closing().ask())>
                    "Cancel"
                </button>
                <button
                    type="submit"
                    class="button button--primary"
                    aria-keyshortcuts="Control+Enter Meta+Enter"
                    disabled=move || nothing() || saving.get() != Saving::Idle
                >
                    {move || match saving.get() {
                        Saving::Idle => "Save",
                        Saving::UnderWay => "Saving…",
                        Saving::Held => "Waiting…",
                    }}
                </button>
            </div>
        </footer>
    }
}
