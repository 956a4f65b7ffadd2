use std::collections::{BTreeMap, HashSet};

use serde_json::Value;

use super::*;
use crate::DEFAULT_SHOP;

fn start() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_500)
}

/// The first deliveries of a scenario, `pace` milliseconds apart, with the clock readings.
fn deliveries(seed: u64, count: usize, pace: i64) -> Vec<(DateTime<Utc>, Delivery)> {
    let mut scenario = Scenario::new(seed, DEFAULT_SHOP, start());
    let mut now = start();
    let mut next = || {
        now += TimeDelta::milliseconds(pace);
        (now, scenario.next(now))
    };
    (0..count).map(|_| next()).collect()
}

fn body(delivery: &Delivery) -> Value {
    serde_json::from_slice(&delivery.body).unwrap()
}

fn at(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap().parse().unwrap()
}

/// An amount in minor units.
fn minor(value: &Value) -> i64 {
    value.as_str().unwrap().replace('.', "").parse().unwrap()
}

fn share(part: usize, whole: usize) -> f64 {
    f64::from(u32::try_from(part).unwrap()) / f64::from(u32::try_from(whole).unwrap())
}

#[test]
fn the_same_seed_gives_the_same_deliveries() {
    assert_eq!(deliveries(7, 300, 200), deliveries(7, 300, 200));
    assert_ne!(deliveries(7, 3, 200), deliveries(8, 3, 200));
}

#[test]
fn a_later_run_with_the_same_seed_has_ids_of_its_own() {
    let ids = |start| {
        let mut scenario = Scenario::new(7, DEFAULT_SHOP, start);
        (0..200)
            .map(|_| scenario.next(start).webhook_id)
            .collect::<HashSet<_>>()
    };
    let (one, other) = (ids(start()), ids(start() + TimeDelta::seconds(1)));
    assert_eq!((one.len(), other.len()), (200, 200));
    assert!(one.is_disjoint(&other));
}

#[test]
fn payloads_are_of_full_size() {
    let all = deliveries(1, 1_000, 200);
    let mut sizes: Vec<usize> = all.iter().map(|(_, sent)| sent.body.len()).collect();
    sizes.sort_unstable();
    let typical = sizes
        .iter()
        .filter(|size| (10_000..20_000).contains(*size))
        .count();
    assert!(
        share(typical, sizes.len()) > 0.8,
        "{typical} of {}",
        sizes.len()
    );
    assert!(
        (10_000..20_000).contains(&sizes[500]),
        "median {}",
        sizes[500]
    );
    assert!(
        sizes[0] > 6_000 && sizes[999] < 40_000,
        "{} to {}",
        sizes[0],
        sizes[999]
    );
}

#[test]
fn updated_at_strictly_increases_within_an_order_and_is_never_in_the_future() {
    // Different paces, so that orders wait for each other or for the clock.
    for pace in [1, 200, 60_000] {
        let mut updated: BTreeMap<u64, DateTime<Utc>> = BTreeMap::new();
        for (now, sent) in deliveries(3, 800, pace) {
            let order = body(&sent);
            let at = at(&order["updated_at"]);
            assert!(at <= sent.triggered_at && sent.triggered_at <= now);
            let before = updated.insert(order["id"].as_u64().unwrap(), at);
            assert_eq!(before.is_none(), sent.topic == "orders/create");
            assert!(before.is_none_or(|before| before < at), "{before:?} {at}");
        }
    }
}

#[test]
fn an_order_is_placed_then_fulfilled_then_delivered() {
    let mut delivered = 0;
    for (_, sent) in deliveries(4, 1_200, 200) {
        let order = body(&sent);
        for parcel in order["fulfillments"].as_array().unwrap() {
            let (shipped, updated) = (at(&parcel["created_at"]), at(&parcel["updated_at"]));
            assert!(at(&order["created_at"]) < shipped && shipped <= updated);
            assert!(updated <= at(&order["updated_at"]));
            if parcel["shipment_status"] == "delivered" {
                assert_eq!(order["fulfillment_status"], "fulfilled");
                assert!(shipped < updated);
                delivered += 1;
            }
        }
    }
    assert!(delivered > 100, "{delivered}");
}

#[test]
fn orders_before_the_start_have_realistic_delivery_times() {
    let (mut old, mut taken) = (0, Vec::new());
    for (_, sent) in deliveries(5, 1_000, 200) {
        let order = body(&sent);
        let placed = at(&order["created_at"]);
        assert!(placed >= start() - TimeDelta::days(14));
        old += usize::from(sent.topic == "orders/create" && placed < start());
        let parcel = &order["fulfillments"][0];
        if parcel["shipment_status"] == "delivered" && order["refunds"][0].is_null() {
            taken.push(at(&parcel["updated_at"]) - at(&parcel["created_at"]));
        }
    }
    assert_eq!(old, PAST_ORDERS);
    assert!(taken.len() > 50, "{} delivered", taken.len());
    let days = TimeDelta::days(1)..=TimeDelta::days(5);
    assert!(taken.iter().all(|taken| days.contains(taken)), "{taken:?}");
}

#[test]
fn totals_add_up_to_the_last_cent() {
    let mut currencies = HashSet::new();
    for (_, sent) in deliveries(6, 600, 200) {
        let order = body(&sent);
        let sum = |list: &str, part: fn(&Value) -> i64| {
            order[list]
                .as_array()
                .unwrap()
                .iter()
                .map(part)
                .sum::<i64>()
        };
        let lines = sum("line_items", |line| {
            minor(&line["price"]) * line["quantity"].as_i64().unwrap()
        });
        let shipping = sum("shipping_lines", |line| minor(&line["price"]));
        let of_lines = |list: &str, amount: &str| {
            let all = order["line_items"].as_array().unwrap().iter();
            all.flat_map(|line| line[list].as_array().unwrap())
                .map(|part| minor(&part[amount]))
                .sum::<i64>()
        };
        let discounts = of_lines("discount_allocations", "amount");
        let tax = of_lines("tax_lines", "price");
        assert_eq!(lines, minor(&order["total_line_items_price"]));
        assert_eq!(discounts, minor(&order["total_discounts"]));
        assert_eq!(tax, minor(&order["total_tax"]));
        assert_eq!(
            lines + tax + shipping - discounts,
            minor(&order["total_price"])
        );
        let back: i64 = sum("refunds", |refund| {
            minor(&refund["transactions"][0]["amount"])
        });
        if order["financial_status"] != "voided" {
            assert_eq!(
                minor(&order["total_price"]) - back,
                minor(&order["current_total_price"])
            );
        }
        currencies.insert(order["currency"].as_str().unwrap().to_owned());
        let decimals = order["total_price"].as_str().unwrap().contains('.');
        assert_eq!(decimals, order["currency"] != "JPY");
    }
    assert_eq!(currencies.len(), 4);
}

#[test]
fn orders_have_all_kinds_of_lifecycles() {
    let all: Vec<_> = deliveries(9, 2_000, 200)
        .iter()
        .map(|(_, sent)| (sent.topic, body(sent)))
        .collect();
    let count = |what: fn(&str, &Value) -> bool| {
        let found = all.iter().filter(|(topic, order)| what(topic, order));
        found
            .map(|(_, order)| order["id"].as_u64())
            .collect::<HashSet<_>>()
            .len()
    };
    let orders = count(|_, _| true);
    let cancelled = share(count(|topic, _| topic == "orders/cancelled"), orders);
    let refunded = share(
        count(|topic, order| topic == "orders/updated" && !order["refunds"][0].is_null()),
        orders,
    );
    assert!((0.03..0.09).contains(&cancelled), "{cancelled} cancelled");
    assert!((0.01..0.08).contains(&refunded), "{refunded} refunded");
    assert!(count(|topic, _| topic == "orders/partially_fulfilled") > 20);
    assert!(count(|_, order| order["customer"].is_null()) > 20);
    assert!(count(|_, order| order["email"].is_null() && !order["customer"].is_null()) > 20);
    assert!(count(|_, order| order["id"].as_u64().unwrap() > 1 << 53) > 100);
    for status in [
        "pending",
        "authorized",
        "paid",
        "voided",
        "refunded",
        "partially_refunded",
    ] {
        let seen = all
            .iter()
            .any(|(_, order)| order["financial_status"] == status);
        assert!(seen, "{status}");
    }
}

#[test]
fn the_number_of_open_orders_is_limited_even_when_the_clock_stands_still() {
    let mut scenario = Scenario::new(2, DEFAULT_SHOP, start());
    for _ in 0..1_100 {
        scenario.next(start());
    }
    assert!(scenario.open_orders.len() <= MAX_OPEN_ORDERS);
}
