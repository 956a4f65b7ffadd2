//! The address in the browser: it names what is shown, so that a reload or a
//! colleague sees the same.

/// Changes the address without leaving the page or adding to its history.
pub fn replace(path_and_query: &str) {
    #[cfg(feature = "hydrate")]
    if let Ok(history) = leptos::prelude::window().history() {
        // Refused only by pages without an address of their own.
        let state = wasm_bindgen::JsValue::NULL;
        let _ = history.replace_state_with_url(&state, "", Some(path_and_query));
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = path_and_query;
}
