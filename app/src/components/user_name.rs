//! The display name of the person at this browser: chosen here, stored in the browser,
//! and shown to colleagues. It is not authenticated; there are no accounts.

use domain::wire::presence::{MAX_NAME, tidy_name};
use leptos::ev::SubmitEvent;
use leptos::html;
use leptos::prelude::*;

use super::icons::Close;
use super::people::initials;
use crate::reactive::{RwSignal, handler, view};

/// The display name; cheap to copy.
#[derive(Clone, Copy)]
pub struct UserName(pub RwSignal<String>);

/// Provides the name to all components below.
pub fn provide_user_name() {
    let name = RwSignal::new("Guest".to_owned());
    provide_context(UserName(name));
    #[cfg(feature = "hydrate")]
    crate::reactive::effect(move || name.set(storage::load_or_create()));
}

/// The display name of the person at this browser.
pub fn use_user_name() -> RwSignal<String> {
    expect_context::<UserName>().0
}

/// Shows the name; opens a dialog to change it.
#[component]
pub fn UserNameButton() -> impl IntoView {
    let name = use_user_name();
    let dialog = NodeRef::<html::Dialog>::new();
    let input = NodeRef::<html::Input>::new();
    let open = move |_| {
        if let (Some(dialog), Some(input)) = (dialog.get(), input.get()) {
            input.set_value(&name.get_untracked());
            // Fails only when it is open already.
            let _ = dialog.show_modal();
            input.select();
        }
    };
    let close = move || {
        if let Some(dialog) = dialog.get() {
            dialog.close();
        }
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some(input) = input.get() {
            let chosen = tidy_name(&input.value());
            #[cfg(feature = "hydrate")]
            storage::save(&chosen);
            name.set(chosen);
        }
        close();
    };
    view! {
        <button
            type="button"
            class="me"
            aria-label=move || format!("You are {}. Change your name", name.get())
            on:click=handler(open)
        >
            <span class="avatar" aria-hidden="true">
                {move || name.with(|name| initials(name))}
            </span>
            <span class="me__name">{move || name.get()}</span>
        </button>
        <dialog class="modal modal--small name" aria-labelledby="name-title" node_ref=dialog>
            <form class="modal__form" on:submit=handler(submit)>
                <div class="modal__head">
                    <h2 class="modal__title" id="name-title">
                        "Your name"
                    </h2>
                    <button
                        type="button"
                        class="icon-button"
                        aria-label="Close"
                        on:click=handler(move |_| close())
                    >
                        <Close />
                    </button>
                </div>
                <div class="field field--wide">
                    <label class="field__label" for="my-name">
                        "What colleagues see beside the orders you have open, and in the history of those you change"
                    </label>
                    <input
                        class="field__input"
                        id="my-name"
                        autocomplete="nickname"
                        maxlength=MAX_NAME
                        node_ref=input
                    />
                </div>
                <div class="modal__foot">
                    <div class="modal__actions">
                        <button type="button" class="button" on:click=handler(move |_| close())>
                            "Cancel"
                        </button>
                        <button type="submit" class="button button--primary">
                            "Use this name"
                        </button>
                    </div>
                </div>
            </form>
        </dialog>
    }
}

#[cfg(feature = "hydrate")]
mod storage {
    use leptos::prelude::window;

    const KEY: &str = "name";

    /// The name stored in this browser, or a new one.
    pub(super) fn load_or_create() -> String {
        let storage = window().local_storage().ok().flatten();
        let stored = storage.and_then(|storage| storage.get_item(KEY).ok().flatten());
        stored.unwrap_or_else(|| {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "between 0 and 9000"
            )]
            let number = 1_000 + (js_sys::Math::random() * 9_000.0) as u32;
            let name = format!("Guest {number}");
            save(&name);
            name
        })
    }

    /// Storage can be forbidden; then the name is lost with the page.
    pub(super) fn save(name: &str) {
        if let Ok(Some(storage)) = window().local_storage() {
            let _ = storage.set_item(KEY, name);
        }
    }
}
