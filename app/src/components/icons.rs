//! Inline icons, all decorative.

use leptos::prelude::*;

use crate::reactive::view;

/// The product's mark: a small atom.
#[component]
pub fn Mark() -> impl IntoView {
    view! {
        <svg width="24" height="24" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.6" aria-hidden="true">
            <ellipse cx="12" cy="12" rx="10" ry="4.2" transform="rotate(45 12 12)" />
            <ellipse cx="12" cy="12" rx="10" ry="4.2" transform="rotate(-45 12 12)" />
            <circle cx="12" cy="12" r="2.2" fill="currentColor" stroke="none" />
        </svg>
    }
}

/// A moon.
#[component]
pub fn Moon() -> impl IntoView {
    view! {
        <svg width="18" height="18" viewBox="0 0 18 18" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linejoin="round" aria-hidden="true">
            <path d="M15.2 10.6A6.6 6.6 0 0 1 7.4 2.8a6.6 6.6 0 1 0 7.8 7.8Z" />
        </svg>
    }
}

/// A cross.
#[component]
pub fn Close() -> impl IntoView {
    view! {
        <svg width="18" height="18" viewBox="0 0 18 18" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" aria-hidden="true">
            <path d="m4.5 4.5 9 9m0-9-9 9" />
        </svg>
    }
}

/// An empty tray.
#[component]
pub fn Tray() -> impl IntoView {
    view! {
        <svg width="48" height="48" viewBox="0 0 48 48" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linejoin="round" stroke-linecap="round" aria-hidden="true">
            <path d="M7 28 12.5 11h23L41 28v9a3 3 0 0 1-3 3H10a3 3 0 0 1-3-3v-9Z" />
            <path d="M7 28h10l2.5 5h9l2.5-5h10" />
        </svg>
    }
}

/// A sort arrow: down; style sheets turn it.
#[component]
pub fn Arrow() -> impl IntoView {
    view! {
        <svg class="sort__arrow" width="12" height="12" viewBox="0 0 12 12" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
            <path d="M6 2.5v7m-3-3 3 3 3-3" />
        </svg>
    }
}

/// A keyboard.
#[component]
pub fn Keyboard() -> impl IntoView {
    view! {
        <svg width="18" height="18" viewBox="0 0 18 18" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
            <rect x="1.5" y="4" width="15" height="10" rx="2" />
            <path d="M4.5 7h.01M7.5 7h.01M10.5 7h.01M13.5 7h.01M6 11h6" />
        </svg>
    }
}
