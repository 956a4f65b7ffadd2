//! Sends a scenario's deliveries at a steady rate, regardless of the server's answers.

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

/// The most deliveries in flight at the same time; when it is reached, the rate drops.
const IN_FLIGHT: usize = 16;
/// Attempts after the first, each after twice the pause of the one before: 7.75 s in total.
/// (Shopify retries eight times over four hours.)
const RETRIES: u32 = 5;
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// How long a stopped run waits for deliveries in flight.
const GRACE: Duration = Duration::from_secs(2);

/// Runs until `options.count` deliveries were sent or `stop` resolves.
///
/// The load is open-loop: deliveries are sent on schedule, without waiting for the answers
/// to earlier ones, with up to 16 in flight. A delivery that fails is sent again under the
/// same webhook id, at most five times. After `stop`, deliveries in flight have two seconds
/// left.
pub async fn run(options: &Options, sender: &Sender, stop: impl Future<Output = ()>) -> Report {
    let mut stop = pin!(stop);
    let mut report = Report::default();
    let mut traffic = Traffic::new(options, Utc::now());
    let mut in_flight = JoinSet::new();
    let warnings = Arc::new(Warnings::default());
    // Missed ticks are caught up (tokio's default), so that the average rate is right even
    // above the timer's limit of one tick a millisecond.
    let mut ticks = tokio::time::interval(period(options.rate));
    let stopped = loop {
        tokio::select! {
            biased;
            () = &mut stop => break true,
            Some(end) = in_flight.join_next() => report.add(end.ok().flatten()),
            _ = ticks.tick(), if in_flight.len() < IN_FLIGHT => {
                let Some(delivery) = traffic.next(Utc::now()) else { break false };
                in_flight.spawn(deliver(sender.clone(), delivery, Arc::clone(&warnings)));
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

/// Sends until the server accepts or rejects the delivery; `None` when all retries failed.
async fn deliver(sender: Sender, delivery: Delivery, warnings: Arc<Warnings>) -> Option<Outcome> {
    let mut pause = FIRST_PAUSE;
    for attempt in 0..=RETRIES {
        if attempt > 0 {
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        match sender.send(&delivery).await {
            Ok(Outcome::Rejected(status)) => {
                warnings.rejected(&delivery, status);
                return Some(Outcome::Rejected(status));
            }
            Ok(outcome) => return Some(outcome),
            Err(error) => warnings.failed(&delivery, attempt, &error),
        }
    }
    None
}

/// Logs at most one warning a second, because every delivery fails when the server is down.
#[derive(Default)]
struct Warnings(Mutex<Option<Instant>>);

impl Warnings {
    fn failed(&self, delivery: &Delivery, attempt: u32, error: &SendError) {
        if self.allow() {
            let (topic, id) = (delivery.topic, &delivery.webhook_id);
            tracing::warn!(topic, webhook_id = %id, attempt, %error, "a delivery failed");
        }
    }

    fn rejected(&self, delivery: &Delivery, status: u16) {
        if self.allow() {
            let (topic, id) = (delivery.topic, &delivery.webhook_id);
            tracing::warn!(topic, webhook_id = %id, status, "a delivery was rejected");
        }
    }

    fn allow(&self) -> bool {
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
