//! Connects the [edit machine](super::edit_machine) to the page: feeds it events, and
//! carries out its effects.

use domain::wire::{Order, UpdateOrder};
use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;

use super::edit_machine::{
    AuthorRequest, EditState, Effect, Event, FocusTarget, SaveState, after_close,
};
use super::row_state::Row;
use super::store::OrderStore;
use crate::api;
use crate::components::keys::{focus, focused};
use crate::components::toasts::{ToastHandle, use_toasts};
use crate::components::user_name::use_user_name;
use crate::live::Live;
use crate::reactive::{RwSignal, StoredValue, effect};

/// The id of the first field.
pub const FIRST_FIELD: &str = "edit-status";

/// The id of the panel of conflicts.
pub const CONFLICT_PANEL: &str = "conflict";

/// The id of the button that keeps editing.
pub const KEEP_EDITING: &str = "keep-editing";

/// An order being edited; cheap to copy.
#[derive(Clone, Copy)]
pub struct Editing {
    /// The id of the order.
    pub id: Uuid,
    /// The order, as last received.
    pub order: RwSignal<Order>,
    /// The state of the form.
    pub state: RwSignal<EditState>,
    store: OrderStore,
    user_name: RwSignal<String>,
    toasts: ToastHandle,
    /// The element that had the focus before the question whether to discard.
    had_focus: StoredValue<Option<String>>,
}

impl Editing {
    /// Begins to edit an order. The form updates when the order changes.
    pub fn new(row: Row, store: OrderStore, live: Live) -> Self {
        let order = RwSignal::from(row.order);
        let connection = live.connection.get_untracked();
        let state = EditState::new(order.get_untracked(), connection, api::new_key);
        let editing = Self {
            id: row.id,
            order,
            state: RwSignal::new(state),
            store,
            user_name: use_user_name(),
            toasts: use_toasts(),
            had_focus: StoredValue::new(None),
        };
        effect(move || editing.send(Event::OrderReceived(Box::new(order.get()))));
        effect(move || editing.send(Event::ConnectionChanged(live.connection.get())));
        editing
    }

    /// Reads the state, and subscribes to it.
    pub fn with<T>(&self, read: impl FnOnce(&EditState) -> T) -> T {
        self.state.with(read)
    }

    /// The progress of a save.
    pub fn save_state(&self) -> SaveState {
        self.with(EditState::save_state)
    }

    /// Feeds an event to the machine, and carries out its effects.
    pub fn send(&self, event: Event) {
        let effects = self.state.try_update(|state| state.step(event));
        for effect in effects.unwrap_or_default() {
            self.run(effect);
        }
    }

    fn run(self, effect: Effect) {
        match effect {
            Effect::Send { update, key } => spawn_local(self.save(update, key)),
            Effect::StartTimer(pause) => {
                set_timeout(move || self.send(Event::TimerFired), pause);
            }
            Effect::ShowSaving(edit) => self.store.show_saving(self.id, edit),
            Effect::ApplyOrder(order) => self.store.apply(vec![*order], false),
            Effect::LoadAuthors(request) => spawn_local(self.load_authors(request)),
            Effect::ShowSaved(name) => self.toasts.success(format!("Saved {name}")),
            Effect::RememberFocus => {
                if let Some(focused) = focused() {
                    self.had_focus.set_value(Some(focused));
                }
            }
            Effect::Focus(target) => self.move_focus(target),
            Effect::Close => self.store.editing.set(None),
        }
    }

    async fn save(self, update: UpdateOrder, key: Uuid) {
        let Some(name) = self.user_name.try_get_untracked() else {
            return;
        };
        let answer = api::update_order(self.id, update, key, &name).await;
        let answer = answer.map(Box::new).map_err(Box::new);
        if self.state.try_with_untracked(|_| ()).is_some() {
            self.send(Event::Answered(answer));
        } else {
            // The form is gone, but the list is not.
            for effect in after_close(answer) {
                self.run(effect);
            }
        }
    }

    async fn load_authors(self, request: Box<AuthorRequest>) {
        if let Ok(history) = api::history(self.id, None).await {
            self.send(Event::AuthorsLoaded(request, history.data));
        }
    }

    fn move_focus(self, target: FocusTarget) {
        match target {
            FocusTarget::ConflictPanel => focus(CONFLICT_PANEL),
            // In the next frame: the element may not be there yet.
            FocusTarget::FirstField => {
                request_animation_frame(|| focus(FIRST_FIELD));
            }
            FocusTarget::KeepEditing => {
                request_animation_frame(|| focus(KEEP_EDITING));
            }
            FocusTarget::Remembered => {
                let id = self.had_focus.get_value();
                request_animation_frame(move || focus(id.as_deref().unwrap_or(FIRST_FIELD)));
            }
        }
    }
}
