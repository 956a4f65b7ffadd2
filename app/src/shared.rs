//! Views and closures of few types.
//!
//! Every closure has a type of its own, and so has every view; whatever takes one
//! is compiled anew for it. Boxed they share a type, and its code: the browser
//! downloads less. What is here stands in for Leptos's own of the same name.

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

/// A text or an attribute that follows the signals it reads.
pub type Following<T> = SharedReactiveFunction<T>;

/// A text or an attribute that follows the signals it reads.
pub fn follow<T>(read: impl FnMut() -> T + Send + 'static) -> Following<T> {
    Arc::new(Mutex::new(read))
}

/// A handler of events.
pub fn handler<Event>(handle: impl FnMut(Event) + 'static) -> Box<dyn FnMut(Event)> {
    Box::new(handle)
}

/// Does something in the browser, and again when a signal it read changes.
pub fn effect(run: impl FnMut() + 'static) {
    fn start(run: Box<dyn FnMut()>) {
        Effect::new(run);
    }
    start(Box::new(run));
}

/// Shows its children as long as a condition holds.
#[component]
pub fn Show(
    /// What is shown.
    children: ChildrenFn,
    /// When it is shown.
    when: impl Fn() -> bool + Send + Sync + 'static,
    /// What is shown otherwise.
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

/// Shows a list, and keeps what is shown of an item as long as its key is there.
#[component]
pub fn For<T, V>(
    /// The items.
    each: impl Fn() -> Vec<T> + Send + Sync + 'static,
    /// What tells one from another.
    key: fn(&T) -> String,
    /// What is shown of an item.
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

/// An item of a list of anything.
struct Item {
    key: String,
    view: Box<dyn FnOnce() -> AnyView + Send>,
}

fn list(items: Box<dyn Fn() -> Vec<Item> + Send>) -> AnyView {
    view! { <leptos::prelude::For each=items key=|item: &Item| item.key.clone() children=|item: Item| (item.view)() /> }
}
