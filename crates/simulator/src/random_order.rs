//! A random new order: its customer, location and lines, and the steps that will follow.

mod plan;

use chrono::{DateTime, Utc};
use rand::{RngExt, rngs::StdRng};

use crate::{
    catalogue::{
        DISCOUNTS, FIRST_NAMES, LAST_NAMES, LOCATIONS, Location, MAIL_DOMAINS, NOTES, PRODUCTS,
        SHIPPING,
    },
    money::Currency,
    order::{Customer, Line, Order},
};

/// Returns an order placed at `created_at`, with everything else drawn from `rng`.
pub(crate) fn random_order(
    rng: &mut StdRng,
    id: u64,
    number: u64,
    created_at: DateTime<Utc>,
) -> Order {
    let location = location(rng);
    let discount = rng.random_bool(0.35).then(|| pick(rng, &DISCOUNTS));
    let lines = lines(rng, location, discount);
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
        currency: location.currency,
        location,
        customer: customer(rng),
        discount,
        shipping: (title, location.currency.price(cents)),
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

/// Draws one item; the list must not be empty.
fn pick<T: Copy>(rng: &mut StdRng, items: &[T]) -> T {
    items[rng.random_range(0..items.len())]
}

fn location(rng: &mut StdRng) -> &'static Location {
    let currency = match rng.random_range(0..100) {
        0..72 => Currency::USD,
        72..84 => Currency::EUR,
        84..94 => Currency::GBP,
        _ => Currency::JPY,
    };
    let locations: Vec<&Location> = LOCATIONS
        .iter()
        .filter(|location| location.currency == currency)
        .collect();
    pick(rng, &locations)
}

fn customer(rng: &mut StdRng) -> Customer {
    let (first, last) = (pick(rng, &FIRST_NAMES), pick(rng, &LAST_NAMES));
    let email = format!("{first}.{last}@{}", pick(rng, &MAIL_DOMAINS));
    // Shopify sends null for data that an app may not see or that a customer had erased.
    let redacted = rng.random_bool(0.05);
    let no_email = redacted || rng.random_bool(0.07);
    // E-mail addresses are ASCII; `è` is the only accented letter in the lists of names.
    let email = email.to_lowercase().replace('è', "e");
    Customer {
        first,
        last,
        email: (!no_email).then_some(email),
        redacted,
    }
}

fn lines(rng: &mut StdRng, location: &Location, discount: Option<(&str, i64)>) -> Vec<Line> {
    let count = match rng.random_range(0..100) {
        0..4 => 1,
        4..18 => 2,
        18..58 => 3,
        58..92 => 4,
        92..98 => 5,
        _ => 6,
    };
    // Consecutive products from a random start, so that no product occurs twice in an order.
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
            let price = location.currency.price(product.cents);
            let gross = price * i64::from(quantity);
            let discount = gross * percent / 100;
            // Rounded half up to the minor unit, for each line.
            let tax = ((gross - discount) * location.tax_basis_points + 5_000) / 10_000;
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
