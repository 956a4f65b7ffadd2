//! Where the browser starts: takes over the page the server rendered.

// A page is one nested type.
#![recursion_limit = "256"]

use leptos::mount::hydrate_body;
use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the script in the page's head.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    hydrate_body(app::App);
}
