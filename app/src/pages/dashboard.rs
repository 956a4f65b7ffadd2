//! `/dashboard`: key figures and orders, live.

use std::time::Duration;

use domain::api::{Order, OrderQuery, Problem};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_meta::Title;

use crate::api::{self, FirstLook};
use crate::components::connection::OfflineBanner;
use crate::components::header::Header;
use crate::components::kpis::Kpis;
use crate::components::toasts::use_toasts;
use crate::live::use_live;
use crate::orders::edit_modal::EditModal;
use crate::orders::store::OrderStore;
use crate::orders::table::{OrdersPanel, TableSkeleton};

/// While orders change, key figures are asked for this often at most.
const STATS_INTERVAL: Duration = Duration::from_secs(2);

/// Ages on the screen are recomputed this often.
const CLOCK_INTERVAL: Duration = Duration::from_secs(5);

/// Pages of changes to catch up by before the list is loaded afresh.
const MAX_CATCH_UP: usize = 10;

/// The page. Its first content is rendered on the server.
#[component]
pub fn Dashboard() -> impl IntoView {
    let first_look = Resource::new_blocking(|| (), |()| api::first_look(OrderQuery::default()));
    view! {
        <Title text="Orders" />
        // Not the router's business.
        <a class="skip-link" href="#main" rel="external">"Skip to orders"</a>
        <Suspense fallback=|| {
            view! {
                <main class="page" id="main">
                    <TableSkeleton />
                </main>
            }
        }>
            {move || Suspend::new(async move {
                match first_look.await {
                    Ok(look) => view! { <Desk look /> }.into_any(),
                    Err(problem) => view! { <Unavailable reason=problem.title /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

/// The page once there is something to show.
#[component]
fn Desk(look: FirstLook) -> impl IntoView {
    let store = OrderStore::new(look.page);
    let stats = RwSignal::new(look.stats);
    let now = RwSignal::new(look.now);
    let changed = StoredValue::new(false);
    let toasts = use_toasts();

    let on_orders = move |orders: Vec<Order>| {
        store.apply(orders);
        now.set(api::now());
        changed.set_value(true);
    };
    let cursor = StoredValue::new(look.cursor);
    let on_connect = move || {
        changed.set_value(true);
        spawn_local(async move {
            if let Err(problem) = catch_up(store, cursor).await {
                toasts.error(format!("Could not catch up. {}", problem.title));
            }
        });
    };
    let connection = use_live(on_orders, on_connect);
    every(CLOCK_INTERVAL, move || now.set(api::now()));
    every(STATS_INTERVAL, move || {
        if changed.get_value() {
            changed.set_value(false);
            spawn_local(async move {
                if let Ok(fresh) = api::stats().await {
                    stats.set(fresh);
                }
            });
        }
    });
    view! {
        <Header connection demo=look.demo />
        <OfflineBanner connection />
        <main class="page" id="main" tabindex="-1">
            <Kpis stats />
            <OrdersPanel store stats now />
        </main>
        <EditModal store />
    }
}

/// Applies what changed since the cursor: between the server's rendering and
/// the first connection, or while the connection was gone.
async fn catch_up(store: OrderStore, cursor: StoredValue<String>) -> Result<(), Problem> {
    for _ in 0..MAX_CATCH_UP {
        let changes = match api::changes(cursor.get_value()).await {
            // A cursor this database never gave out: it was restored.
            Err(problem) if problem.status == 400 => break,
            changes => changes?,
        };
        store.apply(changes.data);
        cursor.set_value(changes.cursor);
        if !changes.has_more {
            return Ok(());
        }
    }
    // Away for so long that starting over is quicker, or not to be helped.
    cursor.set_value(api::cursor().await?);
    store.replace(api::orders(store.query()).await?);
    Ok(())
}

/// Runs `tick` again and again in the browser, as long as the page shows.
fn every(interval: Duration, tick: impl Fn() + Clone + 'static) {
    Effect::new(move || {
        if let Ok(handle) = set_interval_with_handle(tick.clone(), interval) {
            on_cleanup(move || handle.clear());
        }
    });
}

/// The database is away: said plainly, with a way to try again.
#[component]
fn Unavailable(reason: String) -> impl IntoView {
    view! {
        <main class="page" id="main">
            <div class="empty">
                <h1 class="empty__title">"Orders cannot be shown right now"</h1>
                <p class="empty__text">
                    {reason} ". Webhooks are refused until it is back, so Shopify sends them again; nothing is lost."
                </p>
                <p class="empty__text">
                    <a class="button" href="/dashboard" rel="external">"Try again"</a>
                </p>
            </div>
        </main>
    }
}
