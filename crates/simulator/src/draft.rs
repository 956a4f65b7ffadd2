//! A new order, drawn by lot: who, where, what, and the life it is going to have.

mod plan;

use chrono::{DateTime, Utc};
use rand::{RngExt, rngs::StdRng};

use crate::{
    catalogue::{
        DISCOUNTS, FIRST_NAMES, LAST_NAMES, MAIL_DOMAINS, NOTES, PLACES, PRODUCTS, Place, SHIPPING,
    },
    money::Currency,
    order::{Buyer, Line, Order},
};

/// An order placed at `created_at`, with everything else drawn from `rng`.
pub(crate) fn draft(rng: &mut StdRng, id: u64, number: u64, created_at: DateTime<Utc>) -> Order {
    let place = place(rng);
    let discount = rng.random_bool(0.35).then(|| pick(rng, &DISCOUNTS));
    let lines = lines(rng, place, discount);
    let (title, cents) = pick(rng, &SHIPPING);
    let financial_status = match rng.random_range(0..100) {
        0..25 => "pending",
        25..70 => "authorized",
        _ => "paid",
    };
    Order {
        id,
        number,
        name: format!("#{number}"),
        currency: place.currency,
        place,
        buyer: buyer(rng),
        discount,
        shipping: (title, place.currency.price(cents)),
        note: rng.random_bool(0.15).then(|| pick(rng, &NOTES)),
        test: false,
        financial_status: financial_status.into(),
        created_at,
        updated_at: created_at,
        closed_at: None,
        cancelled: None,
        fulfilments: Vec::new(),
        refunds: Vec::new(),
        plan: plan::plan(rng, financial_status == "paid", lines.len()),
        lines,
    }
}

/// One of a list that is never empty.
fn pick<T: Copy>(rng: &mut StdRng, items: &[T]) -> T {
    items[rng.random_range(0..items.len())]
}

fn place(rng: &mut StdRng) -> &'static Place {
    let currency = match rng.random_range(0..100) {
        0..72 => Currency::USD,
        72..84 => Currency::EUR,
        84..94 => Currency::GBP,
        _ => Currency::JPY,
    };
    let places: Vec<&Place> = PLACES
        .iter()
        .filter(|place| place.currency == currency)
        .collect();
    pick(rng, &places)
}

fn buyer(rng: &mut StdRng) -> Buyer {
    let (first, last) = (pick(rng, &FIRST_NAMES), pick(rng, &LAST_NAMES));
    let email = format!("{first}.{last}@{}", pick(rng, &MAIL_DOMAINS));
    // Shopify nulls what an app may not see, or what a buyer had erased.
    let redacted = rng.random_bool(0.05);
    let shy = redacted || rng.random_bool(0.07);
    // Mail addresses are ASCII; the only accent in the name list is this one.
    let email = email.to_lowercase().replace('è', "e");
    Buyer {
        first,
        last,
        email: (!shy).then_some(email),
        redacted,
    }
}

fn lines(rng: &mut StdRng, place: &Place, discount: Option<(&str, i64)>) -> Vec<Line> {
    let count = match rng.random_range(0..100) {
        0..4 => 1,
        4..18 => 2,
        18..58 => 3,
        58..92 => 4,
        92..98 => 5,
        _ => 6,
    };
    // Neighbours from a random start on: no product comes up twice in an order.
    let first = rng.random_range(0..PRODUCTS.len());
    let products = PRODUCTS.iter().cycle().skip(first).take(count);
    let percent = discount.map_or(0, |(_, percent)| percent);
    products
        .map(|product| {
            let quantity = if rng.random_bool(0.75) {
                1
            } else {
                rng.random_range(2..=4)
            };
            let price = place.currency.price(product.cents);
            let gross = price * i64::from(quantity);
            let discount = gross * percent / 100;
            // Rounded half up to the minor unit, line by line.
            let tax = ((gross - discount) * place.tax_basis_points + 5_000) / 10_000;
            Line {
                product,
                quantity,
                price,
                discount,
                tax,
                returned: false,
            }
        })
        .collect()
}
