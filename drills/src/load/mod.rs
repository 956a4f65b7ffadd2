//! A steady stream of signed webhooks, from a sender as stubborn as Shopify.
//!
//! - [`script`]: what is sent, with copies and out of order
//! - [`ledger`]: what was acknowledged

pub mod ledger;
pub mod script;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use simulator::{Delivery, Outcome, SendError, Sender};
use tokio::sync::{Semaphore, oneshot};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{MissedTickBehavior, interval, sleep};

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
    stop: Option<oneshot::Sender<()>>,
    running: JoinHandle<JoinSet<()>>,
}

impl Load {
    /// Starts sending `rate` deliveries a second to `urls` in turn.
    pub fn start(urls: &[String], rate: f64, seed: u64) -> anyhow::Result<Self> {
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
        let running = tokio::spawn(stream(targets.clone(), Script::new(seed), rate, stopped));
        Ok(Self {
            targets,
            stop: Some(stop),
            running,
        })
    }

    /// What is known of everything sent.
    pub fn ledger(&self) -> &Arc<Ledger> {
        &self.targets.ledger
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
    rate: f64,
    mut stopped: oneshot::Receiver<()>,
) -> JoinSet<()> {
    let mut under_way = JoinSet::new();
    let mut pace = interval(Duration::from_secs_f64(1.0 / rate));
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = &mut stopped => break,
            Some(_) = under_way.join_next() => {}
            _ = pace.tick() => {
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
