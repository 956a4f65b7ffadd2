use std::collections::{HashMap, HashSet};

use chrono::TimeDelta;

use super::*;

/// Everything a run of so many deliveries sends, at four a second.
fn wire(count: u64, duplicates: f64, shuffle: f64) -> Vec<Delivery> {
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
fn undisturbed_traffic_is_the_story_itself() {
    let wire = wire(200, 0.0, 0.0);
    let mut now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
    let options = Options::default();
    let mut story = Scenario::new(options.seed, &options.shop, now);
    for sent in wire {
        now += TimeDelta::milliseconds(250);
        assert_eq!(sent, story.next(now));
    }
}

#[test]
fn duplicates_are_exact_copies_and_as_frequent_as_asked() {
    let wire = wire(800, 0.2, 0.0);
    let mut first: HashMap<&str, &Delivery> = HashMap::new();
    let copies = wire.iter().filter(|sent| {
        let original = first.entry(&sent.webhook_id).or_insert(sent);
        assert_eq!(*original, *sent);
        !std::ptr::eq(*original, *sent)
    });
    let copies = copies.count();
    assert_eq!(first.len(), 800, "nothing is lost");
    assert!((share(copies, 800) - 0.2).abs() < 0.04, "{copies} copies");
}

#[test]
fn shuffled_deliveries_come_late_as_often_as_asked_and_none_is_lost() {
    let straight = wire(800, 0.0, 0.0);
    let place: HashMap<&str, usize> = straight
        .iter()
        .enumerate()
        .map(|(at, sent)| (sent.webhook_id.as_str(), at))
        .collect();
    let shuffled = wire(800, 0.0, 0.25);
    let ids: HashSet<&str> = shuffled
        .iter()
        .map(|sent| sent.webhook_id.as_str())
        .collect();
    assert_eq!(ids.len(), 800);
    // Late: something that came after it in the story was sent before it.
    let mut latest = 0;
    let late = shuffled.iter().filter(|sent| {
        let at = place[sent.webhook_id.as_str()];
        latest = latest.max(at);
        at < latest
    });
    let late = late.count();
    assert!((share(late, 800) - 0.25).abs() < 0.05, "{late} late");
}

#[test]
fn a_shuffled_order_is_really_overtaken_by_its_own_future() {
    let mut newest: HashMap<u64, String> = HashMap::new();
    let mut stale = 0;
    for sent in wire(800, 0.0, 0.3) {
        let body: serde_json::Value = serde_json::from_slice(&sent.body).unwrap();
        let updated = body["updated_at"].as_str().unwrap().to_owned();
        let newest = newest.entry(body["id"].as_u64().unwrap()).or_default();
        stale += usize::from(updated < *newest);
        *newest = updated.max(std::mem::take(newest));
    }
    assert!(stale > 8, "{stale} stale deliveries");
}

#[test]
fn even_total_disorder_ends() {
    assert_eq!(wire(50, 1.0, 1.0).len(), 100);
    assert_eq!(wire(0, 1.0, 1.0).len(), 0);
    assert_eq!(wire(10, f64::NAN, -3.0).len(), 10);
}
