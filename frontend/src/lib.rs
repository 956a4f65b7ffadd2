//! Where the browser starts. Each page has a bundle of its own, a program in
//! `bin/`: nobody waits for the code of a page they do not look at.

use leptos::mount::hydrate_body;
use leptos::prelude::AnyView;

/// Takes over the page the server rendered.
pub fn take_over(page: fn() -> AnyView) {
    console_error_panic_hook::set_once();
    hydrate_body(page);
}
