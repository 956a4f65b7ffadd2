//! Sends a scenario's deliveries at a steady pace, whatever the server makes of them.

use std::{
    pin::pin,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use chrono::Utc;
use tokio::task::JoinSet;

use crate::{
    delivery::Delivery,
    report::{Options, Report},
    sender::{Outcome, SendError, Sender},
    traffic::Traffic,
};

/// Deliveries under way at the same time; with all of them waiting, the pace drops.
const IN_FLIGHT: usize = 16;
/// Tries after the first, each after twice the wait of the one before: 7.75 s in all.
/// (Shopify retries eight times over four hours.)
const RETRIES: u32 = 5;
const FIRST_WAIT: Duration = Duration::from_millis(250);
/// How long a stopped run waits for deliveries under way.
const GRACE: Duration = Duration::from_secs(2);

/// Runs until `options.count` deliveries were sent or `stop` resolves.
///
/// The pace is open-loop: deliveries leave on schedule, not when the server has answered the
/// ones before, up to 16 at a time. A delivery that fails is tried again under the same
/// webhook id, five times at most. After `stop`, deliveries under way have two seconds left.
pub async fn run(options: &Options, sender: &Sender, stop: impl Future<Output = ()>) -> Report {
    let mut stop = pin!(stop);
    let mut report = Report::default();
    let mut traffic = Traffic::new(options, Utc::now());
    let mut in_flight = JoinSet::new();
    let complaints = Arc::new(Complaints::default());
    // Missed ticks are made up for (tokio's default), so that the rate holds on average,
    // also beyond the one tick a millisecond that the timer can do.
    let mut ticks = tokio::time::interval(period(options.rate));
    let stopped = loop {
        tokio::select! {
            biased;
            () = &mut stop => break true,
            Some(end) = in_flight.join_next() => report.add(end.ok().flatten()),
            _ = ticks.tick(), if in_flight.len() < IN_FLIGHT => {
                let Some(delivery) = traffic.next(Utc::now()) else { break false };
                in_flight.spawn(deliver(sender.clone(), delivery, Arc::clone(&complaints)));
            }
        }
    };
    if !stopped {
        tokio::select! {
            () = stop => {}
            () = drain(&mut in_flight, &mut report) => {}
        }
    }
    if tokio::time::timeout(GRACE, drain(&mut in_flight, &mut report))
        .await
        .is_err()
    {
        in_flight.abort_all();
        drain(&mut in_flight, &mut report).await;
    }
    report
}

async fn drain(in_flight: &mut JoinSet<Option<Outcome>>, report: &mut Report) {
    while let Some(end) = in_flight.join_next().await {
        report.add(end.ok().flatten());
    }
}

fn period(rate: f64) -> Duration {
    let rate = if rate.is_finite() && rate > 0.0 {
        rate
    } else {
        1.0
    };
    Duration::from_secs_f64(1.0 / rate.clamp(0.001, 10_000.0))
}

/// Sends until the server has taken a stand; `None` once the retries are used up.
async fn deliver(
    sender: Sender,
    delivery: Delivery,
    complaints: Arc<Complaints>,
) -> Option<Outcome> {
    let mut wait = FIRST_WAIT;
    for attempt in 0..=RETRIES {
        if attempt > 0 {
            tokio::time::sleep(wait).await;
            wait *= 2;
        }
        match sender.send(&delivery).await {
            Ok(Outcome::Rejected(status)) => {
                complaints.rejected(&delivery, status);
                return Some(Outcome::Rejected(status));
            }
            Ok(outcome) => return Some(outcome),
            Err(error) => complaints.failed(&delivery, attempt, &error),
        }
    }
    None
}

/// Warnings, at most one a second: a server that is down fails every delivery.
#[derive(Default)]
struct Complaints(Mutex<Option<Instant>>);

impl Complaints {
    fn failed(&self, delivery: &Delivery, attempt: u32, error: &SendError) {
        if self.may_speak() {
            let (topic, id) = (delivery.topic, &delivery.webhook_id);
            tracing::warn!(topic, webhook_id = %id, attempt, %error, "a delivery failed");
        }
    }

    fn rejected(&self, delivery: &Delivery, status: u16) {
        if self.may_speak() {
            let (topic, id) = (delivery.topic, &delivery.webhook_id);
            tracing::warn!(topic, webhook_id = %id, status, "a delivery was rejected");
        }
    }

    fn may_speak(&self) -> bool {
        let Ok(mut last) = self.0.lock() else {
            return false;
        };
        let silent = last.is_none_or(|last| last.elapsed() >= Duration::from_secs(1));
        if silent {
            *last = Some(Instant::now());
        }
        silent
    }
}

#[cfg(test)]
mod tests;
