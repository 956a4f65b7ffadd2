//! Orders over the last 24 hours, as bars.

use domain::wire::{HourCount, OrderStats};
use leptos::prelude::*;

use crate::format;
use crate::reactive::{RwSignal, follow, handler, memo, view};

/// Height of the drawing, in its own units.
const HEIGHT: u64 = 100;

/// Width of a bar, and of its column.
const BAR: usize = 8;
const STEP: usize = 10;

/// The chart. A bar under the pointer shows its hour in words.
#[component]
pub fn Chart(
    /// The stats.
    stats: RwSignal<OrderStats>,
) -> impl IntoView {
    let hours = memo(move || stats.with(|stats| stats.placed_by_hour.clone()));
    let pointed = RwSignal::new(None::<usize>);
    let readout = move || {
        hours.with(|hours| {
            let total: u64 = hours.iter().map(|hour| hour.orders).sum();
            let pointed = pointed.get().and_then(|index| hours.get(index));
            pointed.map_or_else(|| plural(total), describe)
        })
    };
    let label = move || {
        hours.with(|hours| {
            let busiest = hours.iter().max_by_key(|hour| hour.orders);
            let busiest = busiest.map(describe).unwrap_or_default();
            format!("Orders placed hour by hour. Busiest: {busiest}")
        })
    };
    let bars = move || {
        hours.with(|hours| {
            let highest = hours.iter().map(|hour| hour.orders).max().unwrap_or(0);
            let bar = |(index, hour): (usize, &HourCount)| {
                let height = bar_height(hour.orders, highest);
                let is_last = index + 1 == hours.len();
                view! {
                    <rect
                        class="chart__bar"
                        class:chart__bar--now=is_last
                        x=index * STEP + (STEP - BAR) / 2
                        y=HEIGHT - height
                        width=BAR
                        height=height
                    ></rect>
                    // The whole column reacts to the pointer, so that a low bar is easy to hit.
                    <rect
                        class="chart__column"
                        x=index * STEP
                        y="0"
                        width=STEP
                        height=HEIGHT
                        on:pointerenter=handler(move |_| pointed.set(Some(index)))
                    ></rect>
                }
            };
            hours.iter().enumerate().map(bar).collect_view()
        })
    };
    view! {
        <figure class="chart">
            <figcaption class="chart__head">
                <span class="chart__title">"Orders placed, last 24 h"</span>
                <span class="chart__readout">{follow(readout)}</span>
            </figcaption>
            <svg
                class="chart__bars"
                role="img"
                aria-label=follow(label)
                viewBox=format!("0 0 {} {HEIGHT}", 24 * STEP)
                preserveAspectRatio="none"
                on:pointerleave=handler(move |_| pointed.set(None))
            >
                {follow(bars)}
            </svg>
            <div class="chart__axis" aria-hidden="true">
                <span>"24 h ago"</span>
                <span>"now"</span>
            </div>
        </figure>
    }
}

/// An hour without orders has no bar, one with a single order a visible one.
fn bar_height(orders: u64, highest: u64) -> u64 {
    match (orders * HEIGHT).checked_div(highest) {
        Some(height) if orders > 0 => height.max(3),
        _ => 0,
    }
}

/// `12 orders, 14:00 to 15:00 UTC`.
fn describe(hour: &HourCount) -> String {
    let end = hour.hour + chrono::TimeDelta::hours(1);
    format!(
        "{}, {} to {} UTC",
        plural(hour.orders),
        format::clock(hour.hour),
        format::clock(end)
    )
}

fn plural(orders: u64) -> String {
    match orders {
        1 => "1 order".to_owned(),
        orders => format!("{} orders", format::count(orders)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_in_proportion_and_a_single_order_is_visible() {
        assert_eq!(bar_height(0, 0), 0);
        assert_eq!(bar_height(0, 50), 0);
        assert_eq!(bar_height(25, 50), 50);
        assert_eq!(bar_height(1, 10_000), 3);
    }

    #[test]
    fn an_hour_is_described_in_words() {
        let hour = HourCount {
            hour: chrono::DateTime::UNIX_EPOCH,
            orders: 1,
        };
        assert_eq!(describe(&hour), "1 order, 00:00 to 01:00 UTC");
    }
}
