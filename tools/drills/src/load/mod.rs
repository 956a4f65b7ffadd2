//! A steady stream of signed webhooks, from a sender that retries as Shopify does.
//!
//! [`delivery_log`] records what was sent and what was acknowledged.

pub mod delivery_log;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::Duration;

use chrono::Utc;
use simulator::{Delivery, Options, Outcome, SendError, Sender, Traffic};
use tokio::sync::{Semaphore, oneshot};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep, sleep_until};

use crate::server::SECRET;
use crate::wait::wait_until;
use delivery_log::{Answer, DeliveryLog};

/// The share of deliveries sent twice, and of those sent out of order.
const DUPLICATES: f64 = 0.1;
const SHUFFLED: f64 = 0.1;

/// A delivery is held back for at most this many others.
const LONGEST_WAIT: u64 = 30;

/// The most requests in flight.
const CONNECTIONS: usize = 64;

/// Pauses between attempts double from the first to the longest. Shopify's pauses
/// add up to four hours; these are shorter, to keep the drills short.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// The servers to send to, in turn; cheap to clone.
#[derive(Clone)]
struct Targets {
    senders: Arc<[Sender]>,
    next: Arc<AtomicUsize>,
    connections: Arc<Semaphore>,
    log: Arc<DeliveryLog>,
}

/// The stream of webhooks; ends when dropped.
pub struct Load {
    targets: Targets,
    per_minute: Arc<AtomicU32>,
    stop: Option<oneshot::Sender<()>>,
    stream: JoinHandle<JoinSet<()>>,
}

impl Load {
    /// Starts sending `rate` deliveries a second to `urls` in turn.
    pub fn start(urls: &[String], rate: u32, seed: u64) -> anyhow::Result<Self> {
        let senders: Result<Vec<_>, _> = urls
            .iter()
            .map(|url| Sender::connect(url, SECRET.as_bytes()))
            .collect();
        let targets = Targets {
            senders: senders?.into(),
            next: Arc::default(),
            connections: Arc::new(Semaphore::new(CONNECTIONS)),
            log: Arc::default(),
        };
        let (stop, stopped) = oneshot::channel();
        let per_minute = Arc::new(AtomicU32::new(60 * rate.max(1)));
        let stream = stream(
            targets.clone(),
            traffic(seed),
            Arc::clone(&per_minute),
            stopped,
        );
        let stream = tokio::spawn(stream);
        Ok(Self {
            targets,
            per_minute,
            stop: Some(stop),
            stream,
        })
    }

    /// What is known of everything sent.
    pub fn log(&self) -> &Arc<DeliveryLog> {
        &self.targets.log
    }

    /// Halves the rate; returns the new one, in deliveries a second.
    pub fn halve_rate(&self) -> f64 {
        let per_minute = (self.per_minute.load(Ordering::Relaxed) / 2).max(60);
        self.per_minute.store(per_minute, Ordering::Relaxed);
        f64::from(per_minute) / 60.0
    }

    /// Sends one delivery in addition to the stream, until it is acknowledged.
    pub async fn send(&self, delivery: Delivery) {
        deliver(self.targets.clone(), Arc::new(delivery)).await;
    }

    /// Waits until `count` more deliveries were acknowledged.
    pub async fn wait_for_acknowledged(&self, count: usize) -> anyhow::Result<()> {
        let enough = self.log().acknowledged() + count;
        let what = format!("{count} more webhooks are acknowledged");
        wait_until(&what, Duration::from_mins(1), async || {
            Ok(self.log().acknowledged() >= enough)
        })
        .await
    }

    /// Ends the stream, and waits until everything sent was acknowledged.
    pub async fn finish(&mut self, timeout: Duration) -> anyhow::Result<()> {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        let all = async {
            let mut in_flight = (&mut self.stream).await?;
            while in_flight.join_next().await.is_some() {}
            anyhow::Ok(())
        };
        match tokio::time::timeout(timeout, all).await {
            Ok(done) => done,
            Err(_elapsed) => anyhow::bail!(
                "{} webhooks were never acknowledged",
                self.targets.log.unacknowledged()
            ),
        }
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.stream.abort();
    }
}

/// The same seed gives the same orders and events.
fn traffic(seed: u64) -> Traffic {
    let options = Options {
        duplicates: DUPLICATES,
        shuffle: SHUFFLED,
        seed,
        ..Options::default()
    };
    Traffic::new(&options, Utc::now()).with_longest_wait(LONGEST_WAIT)
}

async fn stream(
    targets: Targets,
    mut traffic: Traffic,
    per_minute: Arc<AtomicU32>,
    mut stopped: oneshot::Receiver<()>,
) -> JoinSet<()> {
    let mut in_flight = JoinSet::new();
    let mut next = Instant::now();
    loop {
        tokio::select! {
            _ = &mut stopped => break,
            Some(_) = in_flight.join_next() => {}
            () = sleep_until(next) => {
                // Deliveries that a loaded machine could not send in time are left out.
                let pause = Duration::from_mins(1) / per_minute.load(Ordering::Relaxed);
                next = (next + pause).max(Instant::now());
                if let Some(delivery) = traffic.next(Utc::now()) {
                    in_flight.spawn(deliver(targets.clone(), Arc::new(delivery)));
                }
            }
        }
    }
    traffic.stop();
    while let Some(delivery) = traffic.next(Utc::now()) {
        in_flight.spawn(deliver(targets.clone(), Arc::new(delivery)));
    }
    in_flight
}

/// Sends a delivery until it is acknowledged, under the same webhook id, each time
/// to the next target.
async fn deliver(targets: Targets, delivery: Arc<Delivery>) {
    targets.log.record_sent(&delivery);
    let mut pause = FIRST_PAUSE;
    loop {
        let answer = targets.attempt(&delivery).await;
        targets.log.record_answer(&delivery.webhook_id, answer);
        if answer == Answer::Accepted {
            return;
        }
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

impl Targets {
    async fn attempt(&self, delivery: &Delivery) -> Answer {
        let Ok(_connection) = self.connections.acquire().await else {
            return Answer::NoAnswer;
        };
        let next = self.next.fetch_add(1, Ordering::Relaxed);
        let sender = &self.senders[next % self.senders.len()];
        match sender.send(delivery).await {
            Ok(Outcome::Rejected(status)) | Err(SendError::Status(status)) => {
                Answer::Refused(status)
            }
            Ok(_) => Answer::Accepted,
            Err(SendError::Connection(_)) => Answer::NoAnswer,
        }
    }
}
