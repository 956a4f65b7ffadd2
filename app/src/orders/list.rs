//! Loads the parts of the list that are needed from the server.

use std::ops::Range;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::store::OrderStore;
use super::view::View;
use super::window::Window;
use crate::components::toasts::{ToastHandle, use_toasts};
use crate::reactive::{Memo, RwSignal, StoredValue, effect};
use crate::{address, api};

/// Concurrent requests for rows: dragging the scrollbar must not queue one for every
/// position passed.
const MAX_UNDER_WAY: usize = 2;

/// Pause before rows that did not load are requested again.
const RETRY_PAUSE: Duration = Duration::from_secs(3);

/// Shows lists of orders; cheap to copy.
#[derive(Clone, Copy)]
pub struct Lists {
    store: OrderStore,
    /// A whole list is being loaded.
    pub loading: RwSignal<bool>,
    /// Notified when another list is shown: the view goes to its top.
    pub opened: Trigger,
    toasts: ToastHandle,
}

impl Lists {
    /// Lists for a store.
    pub fn new(store: OrderStore) -> Self {
        Self {
            store,
            loading: RwSignal::new(false),
            opened: Trigger::new(),
            toasts: use_toasts(),
        }
    }

    /// Shows another list, from its top.
    pub fn open(&self, view: View) {
        address::replace(&view.to_address());
        self.store.view.set(view);
        self.load();
    }

    /// Shows the list as it is now, from its top.
    pub fn reload(&self) {
        self.load();
    }

    fn load(&self) {
        let Self {
            store,
            loading,
            opened,
            toasts,
        } = *self;
        let generation = store.begin();
        let query = store.view.with_untracked(View::query);
        loading.set(true);
        spawn_local(async move {
            let answer = api::orders(query).await;
            // Another list was opened while this one was loading.
            if !store.is_current(generation) {
                return;
            }
            loading.set(false);
            match answer {
                Ok(page) => {
                    store.show(page);
                    opened.notify();
                }
                Err(problem) => {
                    store.give_up();
                    toasts.error(format!("The list did not load. {}", problem.title));
                }
            }
        });
    }

    /// Loads missing rows as they come into view.
    pub fn keep_known(&self, shown: Memo<Range<usize>>) {
        let Self {
            store,
            loading,
            toasts,
            ..
        } = *self;
        let under_way = StoredValue::new(Vec::<Range<usize>>::new());
        let again = Trigger::new();
        effect(move || {
            again.track();
            // Another list is about to replace this one.
            if loading.get() {
                return;
            }
            let wanted = store
                .window
                .with(|window| shown.with(|shown| Window::missing(window, shown, api::now())));
            let Some(wanted) = wanted else { return };
            let wait = under_way.with_value(|under_way| {
                let overlaps =
                    |other: &Range<usize>| other.start < wanted.end && wanted.start < other.end;
                under_way.len() >= MAX_UNDER_WAY || under_way.iter().any(overlaps)
            });
            if wait {
                return;
            }
            under_way.update_value(|under_way| under_way.push(wanted.clone()));
            let query = store.query(&wanted);
            let edition = store.edition();
            spawn_local(async move {
                let answer = api::orders(query).await;
                under_way.try_update_value(|under_way| under_way.retain(|other| *other != wanted));
                // Rows have moved since these were requested.
                if store.edition() != edition {
                    again.notify();
                    return;
                }
                match answer {
                    Ok(page) => {
                        store.learn(wanted.start, page, &shown.get_untracked());
                        again.notify();
                    }
                    Err(problem) => {
                        toasts.error(format!("Some orders did not load. {}", problem.title));
                        set_timeout(move || again.notify(), RETRY_PAUSE);
                    }
                }
            });
        });
    }
}
