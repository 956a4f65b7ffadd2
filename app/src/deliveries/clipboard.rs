//! Copying text.

#[cfg(feature = "hydrate")]
use js_sys::futures::JsFuture;
#[cfg(feature = "hydrate")]
use leptos::prelude::window;
#[cfg(feature = "hydrate")]
use leptos::task::spawn_local;

use crate::components::toasts::ToastHandle;

/// Copies `text`, and shows a toast with the result. `what` begins the sentence.
#[cfg(feature = "hydrate")]
pub fn copy(text: String, what: &'static str, toasts: ToastHandle) {
    spawn_local(async move {
        // In insecure contexts, browsers have no clipboard.
        let is_copied = window().is_secure_context() && {
            let clipboard = window().navigator().clipboard();
            JsFuture::from(clipboard.write_text(&text)).await.is_ok()
        };
        if is_copied {
            toasts.success(format!("{what} copied"));
        } else {
            toasts.error("The browser did not allow copying");
        }
    });
}

/// The server handles no clicks.
#[cfg(not(feature = "hydrate"))]
pub fn copy(_: String, _: &'static str, _: ToastHandle) {}
