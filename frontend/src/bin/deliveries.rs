//! Takes over the inbox that the server rendered, or what stands in for a page
//! that does not exist.

// A page is one nested type.
#![recursion_limit = "256"]

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the script in the page's head.
#[wasm_bindgen]
pub fn hydrate() {
    frontend::take_over(app::deliveries);
}

fn main() {}
