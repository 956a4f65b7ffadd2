//! Takes over the order desk that the server rendered.

// A page is one nested type.
#![recursion_limit = "256"]

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the script in the page's head.
#[wasm_bindgen]
pub fn hydrate() {
    frontend::take_over(app::orders);
}

fn main() {}
