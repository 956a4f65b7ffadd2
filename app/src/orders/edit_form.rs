//! The edit form: its fields, and the version of the order it is based on.

use chrono::{DateTime, Utc};
use domain::orders::draft::Field;
use domain::wire::presence::{Doing, PRESENT, Present};
use leptos::ev::{self, KeyboardEvent, SubmitEvent};
use leptos::prelude::*;

use super::conflict::ConflictPanel;
use super::edit_machine::{EditState, Event, SaveState};
use super::editing::{Editing, KEEP_EDITING};
use super::fields::{Facts, Fields};
use super::history::History;
use super::row_state::Row;
use super::store::OrderStore;
use crate::components::icons::Close;
use crate::components::keys::focus;
use crate::components::people::{People, sentence};
use crate::components::user_name::use_user_name;
use crate::live::{ConnectionState, Live};
use crate::reactive::{RwSignal, Show, effect, follow, handler, memo, view};

/// The form inside the dialog.
#[component]
pub fn EditForm(
    /// The row of the order.
    row: Row,
    /// Gets the saved order.
    store: OrderStore,
    /// Sends the presence, and delays saves while it is down.
    live: Live,
    /// The time now, for ages.
    now: RwSignal<DateTime<Utc>>,
    /// Gets the form, so that the dialog can ask it to close.
    open_form: RwSignal<Option<Editing>>,
) -> impl IntoView {
    let people = RwSignal::from(row.people.clone());
    let editing = Editing::new(row, store, live);
    let shows_history = RwSignal::new(false);
    open_form.set(Some(editing));
    share_presence(&editing, live);
    warn_before_leaving(&editing);

    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        editing.send(Event::SavePressed);
    };
    let on_key = move |event: KeyboardEvent| {
        if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
            event.prevent_default();
            editing.send(Event::SavePressed);
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
                <Notice editing />
                <ConflictPanel editing now />
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
                                <Facts order=editing.order />
                                <Fields editing />
                            </div>
                        }
                    }
                >
                    <History order=editing.order now />
                </Show>
            </div>
            <Discard editing />
            <FormFoot editing />
        </form>
    }
}

/// Sends the presence of this person to the others while the form is open.
fn share_presence(editing: &Editing, live: Live) {
    let editing = *editing;
    let is_dirty = memo(move || editing.with(EditState::is_dirty));
    let me = use_user_name();
    effect(move || {
        let is_dirty = is_dirty.get();
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

/// Lets the browser ask before a page with unsaved changes is left.
fn warn_before_leaving(editing: &Editing) {
    let editing = *editing;
    effect(move || {
        let handle = window_event_listener(ev::beforeunload, move |event| {
            if editing.state.try_with_untracked(EditState::is_dirty) == Some(true) {
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
    let version = move || editing.with(|state| state.draft().base().version);
    view! {
        <header class="modal__head">
            <h2 class="modal__title" id="edit-title">
                {move || editing.order.with(|order| format!("Order {}", order.name))}
            </h2>
            <span class="modal__version">{move || format!("Version {}", version())}</span>
            <People people=Signal::derive(move || people.get()) />
            <button
                type="button"
                class="icon-button"
                aria-label="Close"
                on:click=handler(move |_| editing.send(Event::CloseRequested))
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
fn Notice(editing: Editing) -> impl IntoView {
    let kind = move || editing.with(|state| state.note().map(|note| note.kind));
    let text = move || editing.with(|state| state.note().map(|note| note.text.clone()));
    let send = move |event: Event| handler(move |_| editing.send(event.clone()));
    view! {
        <div class="modal__notice" role="status" data-kind=follow(kind)>
            {follow(text)}
            <Show when=move || editing.with(EditState::can_bring_back)>
                <button type="button" class="link" on:click=send(Event::BringBackPressed)>
                    "Bring my changes back"
                </button>
            </Show>
            <Show when=move || editing.save_state() == SaveState::Waiting>
                <button type="button" class="link" on:click=send(Event::StopWaitingPressed)>
                    "Do not wait"
                </button>
            </Show>
        </div>
    }
}

#[component]
fn Discard(editing: Editing) -> impl IntoView {
    view! {
        <Show when=move || editing.with(EditState::is_asking)>
            <div class="discard" role="alert">
                <span class="discard__question">"Discard your changes?"</span>
                <button
                    type="button"
                    class="button"
                    id=KEEP_EDITING
                    on:click=handler(move |_| editing.send(Event::KeepEditingPressed))
                >
                    "Keep editing"
                </button>
                <button
                    type="button"
                    class="button button--danger"
                    on:click=handler(move |_| editing.send(Event::DiscardPressed))
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
        let dirty = editing.with(|state| state.draft().dirty());
        let fields: Vec<_> = dirty.into_iter().map(Field::label).collect();
        if fields.is_empty() {
            String::new()
        } else {
            format!("Unsaved changes: {}", fields.join(", "))
        }
    };
    view! {
        <footer class="modal__foot">
            <span class="modal__dirty">{follow(unsaved)}</span>
            <div class="modal__actions">
                <button type="button" class="button" on:click=handler(move |_| editing.send(Event::CloseRequested))>
                    "Cancel"
                </button>
                <button
                    type="submit"
                    class="button button--primary"
                    aria-keyshortcuts="Control+Enter Meta+Enter"
                    disabled=move || !editing.with(EditState::can_save)
                >
                    {move || match editing.save_state() {
                        SaveState::Idle => "Save",
                        SaveState::Sending => "Saving…",
                        SaveState::Waiting => "Waiting…",
                    }}
                </button>
            </div>
        </footer>
    }
}
