//! Type-erased views, closures and signals.
//!
//! Every closure and every view has a type of its own, and generic code is compiled
//! again for each of them. Boxed, they share one type and its code, so the browser
//! downloads less. The items here replace those of the same name in Leptos.

mod signals;

use std::sync::{Arc, Mutex};

use leptos::prelude::*;
use leptos::tachys::reactive_graph::SharedReactiveFunction;

pub use signals::{ArcRwSignal, Memo, RwSignal, StoredValue, memo};

/// As Leptos's `view!`, but always an `AnyView`.
macro_rules! view {
    ($($html:tt)*) => {
        ::leptos::prelude::IntoAny::into_any(
            ::leptos::prelude::view! { $($html)* }.into_inner()
        )
    };
}
pub(crate) use view;

/// A text or an attribute that updates with the signals it reads.
pub type Following<T> = SharedReactiveFunction<T>;

/// A text or an attribute that updates with the signals it reads.
pub fn follow<T>(read: impl FnMut() -> T + Send + 'static) -> Following<T> {
    Arc::new(Mutex::new(read))
}

/// An event handler.
pub fn handler<Event>(handle: impl FnMut(Event) + 'static) -> Box<dyn FnMut(Event)> {
    Box::new(handle)
}

/// Runs `run` in the browser, and again when a signal it read changes.
pub fn effect(run: impl FnMut() + 'static) {
    fn start(run: Box<dyn FnMut()>) {
        Effect::new(run);
    }
    start(Box::new(run));
}

/// Shows its children while a condition holds.
#[component]
pub fn Show(
    /// Shown while the condition holds.
    children: ChildrenFn,
    /// The condition.
    when: impl Fn() -> bool + Send + Sync + 'static,
    /// Shown otherwise.
    #[prop(optional, into)]
    fallback: ViewFn,
) -> AnyView {
    let when = memo(when);
    let shown = follow(move || {
        if when.get() {
            children()
        } else {
            fallback.run()
        }
    });
    shown.into_any()
}

/// Shows a list. The view of an item stays as long as its key is in the list.
#[component]
pub fn For<T, V>(
    /// The items.
    each: impl Fn() -> Vec<T> + Send + Sync + 'static,
    /// Identifies an item.
    key: fn(&T) -> String,
    /// The view of an item.
    children: impl Fn(T) -> V + Send + Sync + 'static,
) -> AnyView
where
    T: Send + 'static,
    V: IntoView + 'static,
{
    let children = Arc::new(children);
    let items = move || {
        let item = |item: T| {
            let children = Arc::clone(&children);
            Item {
                key: key(&item),
                view: Box::new(move || children(item).into_any()),
            }
        };
        each().into_iter().map(item).collect()
    };
    list(Box::new(items))
}

/// A type-erased item of a list.
struct Item {
    key: String,
    view: Box<dyn FnOnce() -> AnyView + Send>,
}

#[expect(
    clippy::disallowed_methods,
    reason = "made of what others must not use"
)]
fn list(items: Box<dyn Fn() -> Vec<Item> + Send>) -> AnyView {
    view! { <leptos::prelude::For each=items key=|item: &Item| item.key.clone() children=|item: Item| (item.view)() /> }
}
