//! The tiles with the order stats, counted by the server.

use domain::orders::status::OrderStatus;
use domain::wire::OrderStats;
use leptos::prelude::*;

use crate::format;
use crate::reactive::{RwSignal, view};

/// The four tiles.
#[component]
pub fn StatTiles(
    /// The stats.
    stats: RwSignal<OrderStats>,
) -> impl IntoView {
    let tile = move |label: &'static str,
                     value: fn(&OrderStats) -> String,
                     detail: fn(&OrderStats) -> String| {
        view! {
            <article class="stat">
                <h2 class="stat__label">{label}</h2>
                <p class="stat__value">{move || stats.with(value)}</p>
                <p class="stat__detail">{move || stats.with(detail)}</p>
            </article>
        }
    };
    view! {
        <div class="stats">
            {tile(
                "Total orders",
                |stats| format::count(stats.total_orders),
                |stats| format!("{} placed in 24 h", format::count(stats.placed_last_24h)),
            )}
            {tile(
                "Active shipments",
                |stats| format::count(stats.active_shipments),
                |stats| {
                    let waiting = stats.by_status.get(&OrderStatus::Confirmed).copied();
                    format!("{} waiting to ship", format::count(waiting.unwrap_or(0)))
                },
            )}
            {tile("Revenue", main_revenue, other_revenue)}
            {tile(
                "Average delivery",
                |stats| {
                    let average = stats.average_delivery_seconds;
                    average.map_or_else(|| "–".to_owned(), format::duration)
                },
                |stats| {
                    let delivered = stats.by_status.get(&OrderStatus::Delivered).copied();
                    format!("{} delivered", format::count(delivered.unwrap_or(0)))
                },
            )}
        </div>
    }
}

fn main_revenue(stats: &OrderStats) -> String {
    let main = stats.revenue.first();
    main.map_or_else(
        || "–".to_owned(),
        |revenue| format::money(&revenue.amount, &revenue.currency),
    )
}

/// Amounts in different currencies cannot be added, so the others are listed beside
/// the main one.
fn other_revenue(stats: &OrderStats) -> String {
    if stats.revenue.len() < 2 {
        return "From confirmed orders".to_owned();
    }
    let others = stats.revenue.iter().skip(1).take(3);
    others
        .map(|revenue| format::money(&revenue.amount, &revenue.currency))
        .collect::<Vec<_>>()
        .join(" · ")
}
