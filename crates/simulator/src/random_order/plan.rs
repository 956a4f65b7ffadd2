//! The steps that will follow after an order is placed.

use std::collections::VecDeque;

use chrono::TimeDelta;
use rand::{RngExt, rngs::StdRng};

use super::pick;
use crate::{catalogue::CANCEL_REASONS, order::Step};

/// Draws the steps after the order was placed, each with the time after the step before it.
pub(super) fn plan(rng: &mut StdRng, paid: bool, lines: usize) -> VecDeque<(TimeDelta, Step)> {
    let mut plan = VecDeque::new();
    let fate = rng.random_range(0..100);
    let cancelled = fate < 6;
    // A cancelled order that was never paid is voided instead of refunded.
    let never_paid = cancelled && rng.random_bool(0.5);
    if !paid && !never_paid {
        // Most payments clear within minutes, some (bank transfers) within hours.
        let minutes = if rng.random_bool(0.8) {
            1..=4
        } else {
            30..=360
        };
        plan.push_back((TimeDelta::minutes(rng.random_range(minutes)), Step::Paid));
    }
    if cancelled {
        plan.push_back((
            hours(rng, 1, 15),
            Step::Cancelled(pick(rng, &CANCEL_REASONS)),
        ));
        return plan;
    }
    if lines > 1 && rng.random_bool(0.15) {
        // Two parcels, at most a day apart, so that the first is in transit for at most five days.
        plan.push_back((
            hours(rng, 2, 30),
            Step::ShippedInPart(rng.random_range(1..lines)),
        ));
        plan.push_back((hours(rng, 6, 23), Step::Shipped));
    } else {
        plan.push_back((hours(rng, 2, 30), Step::Shipped));
    }
    // One to four days from shipping the last parcel to its delivery.
    let van = hours(rng, 2, 9);
    plan.push_back((hours(rng, 26, 94) - van, Step::OutForDelivery));
    plan.push_back((van, Step::Delivered));
    if fate < 11 {
        let whole = lines == 1 || rng.random_bool(0.4);
        let step = if whole {
            Step::Refunded
        } else {
            Step::RefundedInPart
        };
        plan.push_back((hours(rng, 5, 70), step));
    }
    plan
}

/// Draws a time span between the two numbers of hours, to the second.
fn hours(rng: &mut StdRng, from_hours: i64, to_hours: i64) -> TimeDelta {
    TimeDelta::seconds(rng.random_range(from_hours * 3_600..=to_hours * 3_600))
}
