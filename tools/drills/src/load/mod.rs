//! A steady stream of signed webhooks, from a sender as stubborn as Shopify.
//!
//! - [`script`]: what is sent, with copies and out of order
//! - [`ledger`]: what was acknowledged

pub mod ledger;
pub mod script;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::Duration;

use simulator::{Delivery, Outcome, SendError, Sender};
use tokio::sync::{Semaphore, oneshot};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep, sleep_until};

use crate::server::SECRET;
use crate::until::until;
use ledger::{Answer, Ledger};
use script::Script;

/// Requests under way at the same time.
const CONNECTIONS: usize = 64;

/// Pauses between attempts double from the first to the longest. Shopify's
/// pauses add up to four hours; these are the same thing in a hurry.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Where to send, one after the other; cheap to clone.
#[derive(Clone)]
struct Targets {
    senders: Arc<[Sender]>,
    turn: Arc<AtomicUsize>,
    free: Arc<Semaphore>,
    ledger: Arc<Ledger>,
}

/// The stream; ends when dropped.
pub struct Load {
    targets: Targets,
    /// Deliveries a minute.
    pace: Arc<AtomicU32>,
    stop: Option<oneshot::Sender<()>>,
    running: JoinHandle<JoinSet<()>>,
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
            turn: Arc::default(),
            free: Arc::new(Semaphore::new(CONNECTIONS)),
            ledger: Arc::default(),
        };
        let (stop, stopped) = oneshot::channel();
        let pace = Arc::new(AtomicU32::new(60 * rate.max(1)));
        let stream = stream(
            targets.clone(),
            Script::new(seed),
            Arc::clone(&pace),
            stopped,
        );
        let running = tokio::spawn(stream);
        Ok(Self {
            targets,
            pace,
            stop: Some(stop),
            running,
        })
    }

    /// What is known of everything sent.
    pub fn ledger(&self) -> &Arc<Ledger> {
        &self.targets.ledger
    }

    /// Sends half as many from now on; returns how many a second that is.
    pub fn halve(&self) -> f64 {
        let pace = (self.pace.load(Ordering::Relaxed) / 2).max(60);
        self.pace.store(pace, Ordering::Relaxed);
        f64::from(pace) / 60.0
    }

    /// Sends one more delivery, besides the stream, until it is acknowledged.
    pub async fn send(&self, delivery: Delivery) {
        deliver(self.targets.clone(), Arc::new(delivery)).await;
    }

    /// Waits until `count` more deliveries were acknowledged.
    pub async fn flows(&self, count: usize) -> anyhow::Result<()> {
        let enough = self.ledger().acknowledged() + count;
        let what = format!("{count} more webhooks are acknowledged");
        until(&what, Duration::from_mins(1), async || {
            Ok(self.ledger().acknowledged() >= enough)
        })
        .await
    }

    /// Sends nothing new, and waits until all that was sent is acknowledged.
    pub async fn finish(&mut self, patience: Duration) -> anyhow::Result<()> {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        let all = async {
            let mut under_way = (&mut self.running).await?;
            while under_way.join_next().await.is_some() {}
            anyhow::Ok(())
        };
        match tokio::time::timeout(patience, all).await {
            Ok(done) => done,
            Err(_elapsed) => anyhow::bail!(
                "{} webhooks were never acknowledged",
                self.targets.ledger.open()
            ),
        }
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.running.abort();
    }
}

async fn stream(
    targets: Targets,
    mut script: Script,
    pace: Arc<AtomicU32>,
    mut stopped: oneshot::Receiver<()>,
) -> JoinSet<()> {
    let mut under_way = JoinSet::new();
    let mut next = Instant::now();
    loop {
        tokio::select! {
            _ = &mut stopped => break,
            Some(_) = under_way.join_next() => {}
            () = sleep_until(next) => {
                // What a busy machine could not send in time is not made up for.
                let pause = Duration::from_mins(1) / pace.load(Ordering::Relaxed);
                next = (next + pause).max(Instant::now());
                under_way.spawn(deliver(targets.clone(), script.tell()));
            }
        }
    }
    for late in script.rest() {
        under_way.spawn(deliver(targets.clone(), late));
    }
    under_way
}

/// Sends until it is acknowledged, under the same webhook id, each time to the
/// next of the targets.
async fn deliver(targets: Targets, delivery: Arc<Delivery>) {
    targets.ledger.sends(&delivery);
    let mut pause = FIRST_PAUSE;
    loop {
        let answer = targets.attempt(&delivery).await;
        targets.ledger.answered(&delivery.webhook_id, answer);
        if answer == Answer::Taken {
            return;
        }
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

impl Targets {
    async fn attempt(&self, delivery: &Delivery) -> Answer {
        let Ok(_free) = self.free.acquire().await else {
            return Answer::None;
        };
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let sender = &self.senders[turn % self.senders.len()];
        match sender.send(delivery).await {
            Ok(Outcome::Rejected(status)) | Err(SendError::Status(status)) => {
                Answer::Refused(status)
            }
            Ok(_) => Answer::Taken,
            Err(SendError::Connection(_)) => Answer::None,
        }
    }
}
