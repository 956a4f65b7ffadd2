//! `/dashboard`: key figures and orders, live.

use std::time::Duration;

use domain::pages::Page;
use domain::wire::presence::{MAX_WATCHED, Presence, WATCH, Watch};
use domain::wire::{Order, Problem};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_meta::Title;

use crate::address;
use crate::api::{self, FirstOrders};
use crate::components::chart::Chart;
use crate::components::clock::every;
use crate::components::connection::OfflineBanner;
use crate::components::header::Header;
use crate::components::keys::{focus, on_key};
use crate::components::stats::StatTiles;
use crate::components::toasts::use_toasts;
use crate::live::{ConnectionState, Listeners, Live, SyncCursor, use_live};
use crate::orders::edit_modal::EditModal;
use crate::orders::list::Lists;
use crate::orders::panel::{OrdersPanel, PanelSkeleton};
use crate::orders::scroll::Scroll;
use crate::orders::search::SEARCH_ID;
use crate::orders::store::{OrderStore, Slot};
use crate::orders::table::first_scroll;
use crate::orders::user_activity::UserActivity;
use crate::orders::view::View;
use crate::orders::window::Window;
use crate::pages::unavailable::Unavailable;
use crate::reactive::{Memo, RwSignal, StoredValue, effect, memo, view};

/// While orders change, key figures are asked for this often at most.
const STATS_INTERVAL: Duration = Duration::from_secs(2);

/// How often they are asked for after the last change: the server's figures may
/// be a second old, and not know of it yet.
const STATS_ROUNDS: u8 = 2;

/// Ages on the screen are recomputed this often, and what was held back is
/// looked at.
const CLOCK_INTERVAL: Duration = Duration::from_secs(1);

/// Rows that were not shown for long are looked for this often.
const TIDY_INTERVAL: Duration = Duration::from_secs(30);

/// Pause in scrolling after which the server is told whose presence matters.
const WATCH_PAUSE: Duration = Duration::from_millis(300);

/// Pages of changes to catch up by before the list is loaded afresh.
const MAX_CATCH_UP: usize = 10;

/// The page. Its first content is rendered on the server.
#[component]
pub fn OrdersPage() -> impl IntoView {
    let view = View::from_address(address::query());
    let asked = view.query();
    let first_orders = Resource::new_blocking(|| (), move |()| api::first_orders(asked.clone()));
    view! {
        <Title text="Orders" />
        // Not the router's business.
        <a class="skip-link" href="#main" rel="external">
            "Skip to orders"
        </a>
        <Suspense fallback=|| {
            view! {
                <main class="page page--desk" id="main">
                    <PanelSkeleton />
                </main>
            }
        }>
            {move || {
                let view = view.clone();
                Suspend::new(async move {
                    match first_orders.await {
                        Ok(look) => view! { <LoadedOrders view look /> },
                        Err(problem) => {
                            view! { <Unavailable what="Orders" problem again=Page::Orders.path() /> }
                        }
                    }
                })
            }}
        </Suspense>
    }
}

/// The page once there is something to show.
#[component]
fn LoadedOrders(view: View, look: FirstOrders) -> impl IntoView {
    let store = OrderStore::new(view, look.page);
    let stats = RwSignal::new(look.stats);
    let now = RwSignal::new(look.now);
    let scroll = RwSignal::new(first_scroll(store.window.with_untracked(Window::total)));
    let drawn = memo(move || scroll.with(Scroll::drawn));
    let activity = UserActivity::new(store, scroll);
    let lists = Lists::new(store);
    let rounds = StoredValue::new(0_u8);

    let live = connect(store, lists, activity, look.cursor, look.now, rounds);
    watch_people(store, live, drawn);
    on_key("/", || focus(SEARCH_ID));
    on_key("n", move || lists.reload());
    every(CLOCK_INTERVAL, move || {
        now.set(api::now());
        let is_held = store
            .new_orders
            .with_untracked(|new_orders| !new_orders.is_empty());
        let is_live = live.connection.get_untracked() == ConnectionState::Live;
        if is_live && (is_held || store.has_left.get_untracked()) && activity.may_move_rows() {
            lists.reload();
        }
    });
    every(TIDY_INTERVAL, move || store.tidy(&drawn.get_untracked()));
    every(STATS_INTERVAL, move || {
        if rounds.get_value() > 0 {
            spawn_local(async move {
                if let Ok(fresh) = api::stats().await {
                    stats.try_set(fresh);
                    rounds.try_update_value(|rounds| *rounds = rounds.saturating_sub(1));
                }
            });
        }
    });
    view! {
        <Header live page=Page::Orders dead=RwSignal::new(look.dead) demo=look.demo />
        <OfflineBanner live />
        <main class="page page--desk" id="main" tabindex="-1">
            <section class="figures" aria-label="Key figures">
                <StatTiles stats />
                <Chart stats />
            </section>
            <OrdersPanel store lists scroll activity drawn stats now />
        </main>
        <EditModal store live now />
    }
}

/// Listens to what changes, and catches up at every connection.
fn connect(
    store: OrderStore,
    lists: Lists,
    activity: UserActivity,
    cursor: String,
    now: chrono::DateTime<chrono::Utc>,
    rounds: StoredValue<u8>,
) -> Live {
    let toasts = use_toasts();
    let sync_cursor = SyncCursor::new(cursor);
    let mine = StoredValue::new(None::<Live>);
    let on_orders = move |orders: Vec<Order>| {
        store.apply(orders, activity.may_move_rows());
        rounds.set_value(STATS_ROUNDS);
    };
    let on_connect = move || {
        rounds.set_value(STATS_ROUNDS);
        spawn_local(async move {
            match catch_up(store, activity, sync_cursor).await {
                Ok(true) => {}
                Ok(false) => lists.reload(),
                Err(problem) => {
                    // While the connection is gone, the badge says so already, and the
                    // next one catches up.
                    let live = mine.try_get_value().flatten();
                    let connection = live.and_then(|live| live.connection.try_get_untracked());
                    if connection == Some(ConnectionState::Live) {
                        toasts.error(format!("Could not catch up. {}", problem.title));
                    }
                }
            }
        });
    };
    let on_presence = move |presence: Presence| {
        let me = mine.get_value().and_then(|live| live.id());
        store.show_people(presence, me.as_deref());
    };
    let live = use_live(
        now,
        Listeners {
            on_orders,
            on_connect,
            on_presence,
            cursor: Some(sync_cursor),
        },
    );
    mine.set_value(Some(live));
    live
}

/// Tells the server whose presence matters: of the orders in view, and of the
/// one that is open.
fn watch_people(store: OrderStore, live: Live, drawn: Memo<std::ops::Range<usize>>) {
    let watched = memo(move || {
        let slots = store.slots(drawn.get()).into_iter();
        let shown = slots.filter_map(|slot| match slot {
            Slot::Order(id) => Some(id),
            Slot::Gap(_) => None,
        });
        let mut orders: Vec<_> = store.editing.get().into_iter().chain(shown).collect();
        orders.sort_unstable();
        orders.dedup();
        orders.truncate(MAX_WATCHED);
        orders
    });
    let pending = StoredValue::new(None::<TimeoutHandle>);
    effect(move || {
        watched.with(|_| ());
        if live.connection.get() != ConnectionState::Live {
            store.forget_people(&[]);
            return;
        }
        if let Some(handle) = pending.get_value() {
            handle.clear();
        }
        let tell = move || {
            if let Some(orders) = watched.try_get_untracked() {
                store.forget_people(&orders);
                live.emit(WATCH, &Watch { orders });
            }
        };
        pending.set_value(set_timeout_with_handle(tell, WATCH_PAUSE).ok());
    });
}

/// Applies what changed since the cursor: between the server's rendering and
/// the first connection, or while the connection was gone. False when there is
/// so much that starting over is quicker, or the cursor is of another database.
async fn catch_up(
    store: OrderStore,
    activity: UserActivity,
    sync_cursor: SyncCursor,
) -> Result<bool, Problem> {
    let gap = sync_cursor.gap();
    for _ in 0..MAX_CATCH_UP {
        let changes = match api::changes(sync_cursor.cursor()).await {
            // A cursor this database never gave out: it was restored.
            Err(problem) if problem.status == 400 => break,
            changes => changes?,
        };
        store.apply(changes.data, activity.may_move_rows());
        sync_cursor.advance(changes.cursor, (!changes.has_more).then_some(gap));
        if !changes.has_more {
            return Ok(true);
        }
    }
    sync_cursor.advance(api::cursor().await?, Some(gap));
    Ok(false)
}
