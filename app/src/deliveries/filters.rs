//! The filters of the list: state and topic.

use domain::wire::TOPICS;
use leptos::prelude::*;

use super::store::DeliveryStore;
use super::{DEAD, PENDING, STATES, at_least, label};
use crate::reactive::{follow, handler, view};

/// One chip for each state. States that need attention show their number.
#[component]
pub fn StateFilter(
    /// Filtered by the chips.
    store: DeliveryStore,
) -> impl IntoView {
    let chip = move |state: Option<&'static str>| {
        let pressed = move || {
            let is_chosen = store.filter.with(|filter| filter.state.as_deref() == state);
            is_chosen.to_string()
        };
        let count = move || {
            let stats = store.stats.get();
            let count = match state? {
                PENDING => stats.pending,
                DEAD => stats.dead,
                _ => 0,
            };
            (count > 0).then(|| view! { " " <span class="chip__count">{at_least(count)}</span> })
        };
        view! {
            <button
                type="button"
                class="chip"
                data-state=state
                aria-pressed=follow(pressed)
                on:click=handler(move |_| store.choose(|filter| filter.state = state.map(str::to_owned)))
            >
                {state.map_or_else(|| "All".to_owned(), label)}
                {follow(count)}
            </button>
        }
    };
    view! {
        <div class="filters" role="group" aria-label="Filter by state">
            {chip(None)}
            {STATES.map(|state| chip(Some(state))).collect_view()}
        </div>
    }
}

/// The topics that the server processes, and the one that the address names.
#[component]
pub fn TopicFilter(
    /// Filtered by the choice.
    store: DeliveryStore,
) -> impl IntoView {
    let chosen = store
        .filter
        .with_untracked(|filter| filter.topic.clone())
        .unwrap_or_default();
    let mut topics: Vec<String> = TOPICS.map(str::to_owned).into();
    if !chosen.is_empty() && !topics.contains(&chosen) {
        topics.push(chosen.clone());
    }
    let options = topics.into_iter().map(|topic| {
        let selected = topic == chosen;
        let value = topic.clone();
        view! {
            <option value=value selected=selected>
                {topic}
            </option>
        }
    });
    view! {
        <select
            class="field__input"
            id="delivery-topic"
            aria-label="Topic"
            prop:value=move || {
                store.filter.with(|filter| filter.topic.clone().unwrap_or_default())
            }
            on:change=handler(move |event| {
                let topic = Some(event_target_value(&event)).filter(|topic| !topic.is_empty());
                store.choose(|filter| filter.topic = topic);
            })
        >
            <option value="">"All topics"</option>
            {options.collect_view()}
        </select>
    }
}
