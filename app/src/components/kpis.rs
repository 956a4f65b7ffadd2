//! Key figures, counted by the server from real orders.

use domain::orders::status::OrderStatus;
use domain::wire::OrderStats;
use leptos::prelude::*;

use crate::format;
use crate::shared::{RwSignal, view};

/// The four cards.
#[component]
pub fn Kpis(
    /// The figures.
    stats: RwSignal<OrderStats>,
) -> impl IntoView {
    let card = move |label: &'static str,
                     value: fn(&OrderStats) -> String,
                     detail: fn(&OrderStats) -> String| {
        view! {
            <article class="kpi">
                <h2 class="kpi__label">{label}</h2>
                <p class="kpi__value">{move || stats.with(value)}</p>
                <p class="kpi__detail">{move || stats.with(detail)}</p>
            </article>
        }
    };
    view! {
        <div class="kpis">
            {card(
                "Total orders",
                |stats| format::count(stats.total_orders),
                |stats| format!("{} placed in 24 h", format::count(stats.placed_last_24h)),
            )}
            {card(
                "Active shipments",
                |stats| format::count(stats.active_shipments),
                |stats| {
                    let waiting = stats.by_status.get(&OrderStatus::Confirmed).copied();
                    format!("{} waiting to ship", format::count(waiting.unwrap_or(0)))
                },
            )}
            {card("Revenue", main_revenue, other_revenue)}
            {card(
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

/// Currencies do not add up, so the others stand beside the main one.
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
