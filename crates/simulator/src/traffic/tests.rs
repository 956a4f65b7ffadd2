use std::collections::{HashMap, HashSet};

use chrono::TimeDelta;

use super::*;

/// Everything that a run of `count` deliveries sends, at four a second.
fn traffic(count: u64, duplicates: f64, shuffle: f64) -> Vec<Delivery> {
    let options = Options {
        count: Some(count),
        duplicates,
        shuffle,
        ..Options::default()
    };
    let mut now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
    let mut traffic = Traffic::new(&options, now);
    std::iter::from_fn(|| {
        now += TimeDelta::milliseconds(250);
        traffic.next(now)
    })
    .collect()
}

fn share(part: usize, whole: usize) -> f64 {
    f64::from(u32::try_from(part).unwrap()) / f64::from(u32::try_from(whole).unwrap())
}

#[test]
fn without_duplicates_and_shuffling_traffic_is_the_scenario() {
    let sent = traffic(200, 0.0, 0.0);
    let mut now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
    let options = Options::default();
    let mut scenario = Scenario::new(options.seed, &options.shop, now);
    for sent in sent {
        now += TimeDelta::milliseconds(250);
        assert_eq!(sent, scenario.next(now));
    }
}

#[test]
fn duplicates_are_identical_and_as_frequent_as_requested() {
    let sent = traffic(800, 0.2, 0.0);
    let mut first: HashMap<&str, &Delivery> = HashMap::new();
    let copies = sent.iter().filter(|sent| {
        let original = first.entry(&sent.webhook_id).or_insert(sent);
        assert_eq!(*original, *sent);
        !std::ptr::eq(*original, *sent)
    });
    let copies = copies.count();
    assert_eq!(first.len(), 800, "nothing is lost");
    assert!((share(copies, 800) - 0.2).abs() < 0.04, "{copies} copies");
}

#[test]
fn deliveries_are_late_as_often_as_requested_and_none_is_lost() {
    let straight = traffic(800, 0.0, 0.0);
    let position: HashMap<&str, usize> = straight
        .iter()
        .enumerate()
        .map(|(at, sent)| (sent.webhook_id.as_str(), at))
        .collect();
    let shuffled = traffic(800, 0.0, 0.25);
    let ids: HashSet<&str> = shuffled
        .iter()
        .map(|sent| sent.webhook_id.as_str())
        .collect();
    assert_eq!(ids.len(), 800);
    // A delivery is late if one that follows it in the scenario was sent before it.
    let mut latest = 0;
    let late = shuffled.iter().filter(|sent| {
        let at = position[sent.webhook_id.as_str()];
        latest = latest.max(at);
        at < latest
    });
    let late = late.count();
    assert!((share(late, 800) - 0.25).abs() < 0.05, "{late} late");
}

#[test]
fn an_older_state_of_an_order_may_arrive_after_a_newer_one() {
    let mut newest: HashMap<u64, String> = HashMap::new();
    let mut stale = 0;
    for sent in traffic(800, 0.0, 0.3) {
        let body: serde_json::Value = serde_json::from_slice(&sent.body).unwrap();
        let updated = body["updated_at"].as_str().unwrap().to_owned();
        let newest = newest.entry(body["id"].as_u64().unwrap()).or_default();
        stale += usize::from(updated < *newest);
        *newest = updated.max(std::mem::take(newest));
    }
    assert!(stale > 8, "{stale} stale deliveries");
}

#[test]
fn traffic_ends_even_with_everything_duplicated_and_shuffled() {
    assert_eq!(traffic(50, 1.0, 1.0).len(), 100);
    assert_eq!(traffic(0, 1.0, 1.0).len(), 0);
    assert_eq!(traffic(10, f64::NAN, -3.0).len(), 10);
}

#[test]
fn stopped_traffic_still_returns_what_it_holds_back() {
    let options = Options {
        duplicates: 1.0,
        shuffle: 0.0,
        ..Options::default()
    };
    let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
    let mut traffic = Traffic::new(&options, now).with_longest_wait(30);
    let mut ids: Vec<String> = (0..20)
        .filter_map(|_| traffic.next(now))
        .map(|sent| sent.webhook_id)
        .collect();
    traffic.stop();
    ids.extend(std::iter::from_fn(|| traffic.next(now)).map(|sent| sent.webhook_id));
    let distinct: HashSet<&String> = ids.iter().collect();
    assert_eq!(ids.len(), 2 * distinct.len());
}
