//! The History tab: who changed what, when, and from which delivery.

use chrono::{DateTime, Utc};
use domain::wire::{Order, OrderEvent};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::change::lines;
use super::notes::actor;
use crate::reactive::{For, RwSignal, Show, effect, handler, memo, view};
use crate::{api, format};

/// An order's history, newest first. Follows the order.
#[component]
pub fn History(
    /// The order, as last received.
    order: RwSignal<Order>,
    /// The time now, for ages.
    now: RwSignal<DateTime<Utc>>,
) -> impl IntoView {
    let events = RwSignal::new(Vec::<OrderEvent>::new());
    let older = RwSignal::new(None::<String>);
    let state = RwSignal::new(Some("Loading…".to_owned()));
    let version = memo(move || order.with(|order| order.version));
    let load = move |cursor: Option<String>| {
        let id = order.with_untracked(|order| order.id);
        spawn_local(async move {
            // Only a page of older entries, or the first page, knows where the history ends.
            let has_end = cursor.is_some() || events.with_untracked(Vec::is_empty);
            match api::history(id, cursor).await {
                Ok(page) => {
                    events.try_update(|events| merge(events, page.data));
                    if has_end {
                        older.try_set(page.next_cursor);
                    }
                    state.try_set(None);
                }
                Err(problem) => {
                    state.try_set(Some(format!("The history did not load. {}", problem.title)));
                }
            }
        });
    };
    effect(move || {
        // Read, not only tracked: a memo that is never read never changes.
        version.get();
        load(None);
    });
    view! {
        // Focusable, so that the keys scroll it even when nothing in it can have the focus.
        <section
            class="history"
            role="tabpanel"
            id="panel-history"
            aria-labelledby="tab-history"
            tabindex="0"
        >
            {move || state.get().map(|text| view! { <p class="history__state">{text}</p> })}
            <ol class="history__list">
                <For each=move || events.get() key=|event| event.version.to_string() let(event)>
                    <Entry event events order now />
                </For>
            </ol>
            <Show when=move || older.with(Option::is_some)>
                <button type="button" class="button" on:click=handler(move |_| load(older.get_untracked()))>
                    "Load older changes"
                </button>
            </Show>
        </section>
    }
}

#[component]
fn Entry(
    event: OrderEvent,
    events: RwSignal<Vec<OrderEvent>>,
    order: RwSignal<Order>,
    now: RwSignal<DateTime<Utc>>,
) -> impl IntoView {
    let at = event.at;
    let delivery = event.delivery_id.map(|id| {
        view! {
            <a
                class="history__delivery link"
                href=format!("/dashboard/deliveries?id={id}")
                rel="external"
            >
                "Delivery"
            </a>
        }
    });
    let changes = if event.version == 1 {
        vec!["First seen".to_owned()]
    } else {
        order.with_untracked(|order| {
            events.with_untracked(|events| lines(&event, events, &order.currency))
        })
    };
    let changes = changes.into_iter().map(|line| view! { <li>{line}</li> });
    view! {
        <li class="history__item" data-version=event.version>
            <div class="history__head">
                <strong class="history__who">{actor(&event.actor).to_owned()}</strong>
                <time datetime=at.to_rfc3339() title=format::moment(at)>
                    {move || format::age(at, now.get())}
                </time>
                <span class="history__version">{format!("Version {}", event.version)}</span>
                {delivery}
            </div>
            <ul class="history__changes">{changes.collect_view()}</ul>
        </li>
    }
}

/// Adds entries, newest first, each once.
fn merge(known: &mut Vec<OrderEvent>, more: Vec<OrderEvent>) {
    for event in more {
        let place = known.binary_search_by(|other| event.version.cmp(&other.version));
        if let Err(index) = place {
            known.insert(index, event);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_kept_once_and_newest_first() {
        let event = |version| OrderEvent {
            version,
            actor: "desk".into(),
            delivery_id: None,
            changes: Vec::new(),
            at: DateTime::UNIX_EPOCH,
        };
        let mut known = vec![event(5), event(4)];
        merge(&mut known, vec![event(6), event(5), event(2)]);
        let versions: Vec<_> = known.iter().map(|event| event.version).collect();
        assert_eq!(versions, [6, 5, 4, 2]);
    }
}
