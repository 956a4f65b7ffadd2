//! Short messages in the corner.

use std::time::Duration;

use leptos::prelude::*;

use crate::reactive::{For, RwSignal, StoredValue, view};

/// How long a message stays.
const LIFETIME: Duration = Duration::from_secs(5);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Toast {
    id: u64,
    kind: &'static str,
    text: String,
}

/// Shows messages; cheap to copy.
#[derive(Debug, Clone, Copy)]
pub struct ToastHandle {
    toasts: RwSignal<Vec<Toast>>,
    last_id: StoredValue<u64>,
}

/// Provides messages to all components below.
pub fn provide_toasts() {
    provide_context(ToastHandle {
        toasts: RwSignal::default(),
        last_id: StoredValue::default(),
    });
}

/// The messages of this page.
pub fn use_toasts() -> ToastHandle {
    expect_context()
}

impl ToastHandle {
    /// Something went well.
    pub fn success(&self, text: impl Into<String>) {
        self.show("success", text.into());
    }

    /// Something failed.
    pub fn error(&self, text: impl Into<String>) {
        self.show("error", text.into());
    }

    fn show(&self, kind: &'static str, text: String) {
        let toasts = self.toasts;
        self.last_id.update_value(|id| *id += 1);
        let id = self.last_id.get_value();
        toasts.update(|shown| shown.push(Toast { id, kind, text }));
        set_timeout(
            move || {
                toasts.try_update(|shown| shown.retain(|toast| toast.id != id));
            },
            LIFETIME,
        );
    }
}

/// Where messages appear.
#[component]
pub fn Toasts() -> impl IntoView {
    let toasts = use_toasts().toasts;
    let popover = NodeRef::<leptos::html::Div>::new();
    // Shown again with every message, so that it is above a dialog opened since.
    #[cfg(feature = "hydrate")]
    crate::reactive::effect(move || {
        toasts.track();
        if let Some(popover) = popover.get() {
            // Either call fails only when the popover is in that state already.
            let _ = popover.hide_popover();
            let _ = popover.show_popover();
        }
    });
    view! {
        <div class="toasts" role="status" aria-live="polite" popover="manual" node_ref=popover>
            <For each=move || toasts.get() key=|toast| toast.id.to_string() let(toast)>
                <div class="toast" data-kind=toast.kind>
                    {toast.text}
                </div>
            </For>
        </div>
    }
}
