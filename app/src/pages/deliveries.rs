//! `/dashboard/deliveries`: the inbox, live.

use std::time::Duration;

use domain::pages::Page;
use domain::wire::presence::Presence;
use domain::wire::{DeliveryQuery, Order};
use leptos::prelude::*;
use leptos_meta::Title;
use uuid::Uuid;

use crate::address;
use crate::api::{self, FirstDeliveries};
use crate::components::clock::every;
use crate::components::connection::OfflineBanner;
use crate::components::header::Header;
use crate::deliveries::list::DeliveriesPanel;
use crate::deliveries::payload::PayloadModal;
use crate::deliveries::store::DeliveryStore;
use crate::deliveries::{PATH, STATES};
use crate::live::{Listeners, use_live};
use crate::pages::unavailable::Unavailable;
use crate::reactive::{RwSignal, effect, view};

/// The list is refreshed this often at most.
const REFRESH_INTERVAL: Duration = Duration::from_secs(2);

/// Ages on the screen are recomputed this often.
const CLOCK_INTERVAL: Duration = Duration::from_secs(5);

/// The page. Its first content is rendered on the server.
#[component]
pub fn DeliveriesPage() -> impl IntoView {
    let address = address::query();
    let asked = filter(&address);
    let opened: Option<Uuid> = address("id").and_then(|id| id.parse().ok());
    let query = asked.clone();
    let look = Resource::new_blocking(|| (), move |()| api::first_deliveries(query.clone()));
    view! {
        <Title text="Deliveries" />
        // Not the router's business.
        <a class="skip-link" href="#main" rel="external">
            "Skip to deliveries"
        </a>
        <Suspense fallback=|| {
            view! { <main class="page page--desk" id="main" aria-busy="true"></main> }
        }>
            {move || {
                let asked = asked.clone();
                Suspend::new(async move {
                    match look.await {
                        Ok(look) => view! { <Inbox look asked opened /> },
                        Err(problem) => {
                            view! { <Unavailable what="Deliveries" problem again=PATH /> }
                        }
                    }
                })
            }}
        </Suspense>
    }
}

/// What the address asks for. A state that does not exist is not asked for.
fn filter(address: impl Fn(&str) -> Option<String>) -> DeliveryQuery {
    let text = |name| {
        let text = address(name)?.trim().to_owned();
        (!text.is_empty()).then_some(text)
    };
    DeliveryQuery {
        state: text("state").filter(|state| STATES.contains(&state.as_str())),
        topic: text("topic"),
        q: text("q"),
        ..DeliveryQuery::default()
    }
}

/// The page once there is something to show.
#[component]
fn Inbox(look: FirstDeliveries, asked: DeliveryQuery, opened: Option<Uuid>) -> impl IntoView {
    let store = DeliveryStore::new(look.page, look.stats, asked, opened);
    let now = RwSignal::new(look.now);
    let dead = RwSignal::new(look.stats.dead);
    effect(move || dead.set(store.stats.with(|stats| stats.dead)));

    // An order changed: some delivery was dealt with. Which one, the list tells.
    let listeners = Listeners {
        on_orders: move |_: Vec<Order>| store.hint(),
        on_connect: move || store.hint(),
        on_presence: |_: Presence| {},
        cursor: None,
    };
    let live = use_live(look.now, listeners);
    every(CLOCK_INTERVAL, move || now.set(api::now()));
    every(REFRESH_INTERVAL, move || store.tick());
    view! {
        <Header live page=Page::Deliveries dead demo=look.demo />
        <OfflineBanner live />
        <main class="page page--desk" id="main" tabindex="-1">
            <DeliveriesPanel store now />
        </main>
        <PayloadModal store />
    }
}
