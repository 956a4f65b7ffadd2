//! Carries news between instances over Redis, so that a dashboard hears of an
//! order or a colleague whichever instance they are connected to.
//!
//! Beside the local broadcast, never in front of it: while Redis is away, an
//! instance's own clients are served all the same. What was missed meanwhile is
//! not sent again here; [`Relay::gap`] says since when something may be missing.

use std::marker::PhantomData;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::StreamExt;
use metrics::counter;
use redis::aio::ConnectionManager;
use redis::{AsyncCommands, Client};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};
use uuid::Uuid;

use crate::db::now;
use crate::metric_names as names;
use crate::redis_handle::RedisHandle;

/// Pause before listening again after Redis was lost.
const RETRY_PAUSE: Duration = Duration::from_millis(500);

/// How often an instance speaks when it has nothing to say. It hears itself, so
/// that a connection that broke silently is noticed.
const HEARTBEAT: Duration = Duration::from_secs(1);

/// Silence for this long means that the connection is broken.
pub const SILENCE: Duration = Duration::from_secs(4);

/// News that may wait on their way in or out.
const MAX_WAITING: usize = 1_000;

/// What travels.
#[derive(Debug, Serialize, Deserialize)]
pub struct Message<T> {
    /// The sending instance, as long as it runs.
    pub from: Uuid,
    /// When it was sent.
    pub at: DateTime<Utc>,
    /// What it has to say; nothing in a heartbeat.
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub body: Option<T>,
    /// It could not say everything since then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missed_since: Option<DateTime<Utc>>,
}

/// Serde's own default asks that there be a default of what is not there.
const fn none<T>() -> Option<T> {
    None
}

/// Sends this instance's news of one kind to the others; cheap to clone.
#[derive(Clone, Debug)]
pub struct Relay<T> {
    queue: mpsc::Sender<T>,
    health: Arc<Health>,
    sending: Arc<Mutex<Option<JoinHandle<()>>>>,
}

impl<T: Serialize + DeserializeOwned + Send + 'static> Relay<T> {
    /// A relay on a Redis channel, and the news other instances send, until
    /// `closing`.
    pub fn start(
        redis: RedisHandle,
        channel: String,
        closing: &CancellationToken,
    ) -> (Self, mpsc::Receiver<(Uuid, T)>) {
        let (queue, to_send) = mpsc::channel(MAX_WAITING);
        let (received, from_others) = mpsc::channel(MAX_WAITING);
        let health = Arc::new(Health::default());
        let wire = Arc::new(Wire {
            me: Uuid::now_v7(),
            channel,
            health: Arc::clone(&health),
            kind: PhantomData,
        });
        // Ends with the last sender, so that last words are still said.
        let sending = tokio::spawn(Arc::clone(&wire).send(redis.connection, to_send));
        let listen = async move { wire.listen(&redis.client, &received).await };
        tokio::spawn(closing.clone().run_until_cancelled_owned(listen));
        let relay = Self {
            queue,
            health,
            sending: Arc::new(Mutex::new(Some(sending))),
        };
        (relay, from_others)
    }

    /// Says what is still to be said, and ends.
    pub async fn finish(self) {
        let sending = self
            .sending
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        drop(self.queue);
        if let Some(sending) = sending
            && let Err(error) = sending.await
        {
            warn!(%error, "the last news were not sent to other instances");
        }
    }

    /// Tells the other instances. Never blocks; what does not fit they are told
    /// to look up.
    pub fn send(&self, news: T) {
        if self.queue.try_send(news).is_err() {
            lost("too much is waiting to be sent");
            self.health.unsaid(now());
        }
    }

    /// News of others are coming in.
    pub fn listening(&self) -> bool {
        self.health.listening.load(Ordering::Relaxed)
    }

    /// Waits until news of others may have been missed; returns since when.
    pub async fn gap(&self) -> DateTime<Utc> {
        loop {
            if let Some(since) = take(&self.health.unheard) {
                return since;
            }
            self.health.gap.notified().await;
        }
    }
}

fn lost(why: &str) {
    counter!(names::RELAY_LOST).increment(1);
    warn!(
        why,
        "news between instances went missing; they will catch up"
    );
}

/// What went wrong, and since when.
#[derive(Debug, Default)]
struct Health {
    listening: AtomicBool,
    /// Others may have missed what we said since.
    unsaid: Mutex<Option<DateTime<Utc>>>,
    /// We may have missed what others said since.
    unheard: Mutex<Option<DateTime<Utc>>>,
    gap: Notify,
}

impl Health {
    fn unsaid(&self, since: DateTime<Utc>) {
        earlier(&self.unsaid, since);
    }

    fn unheard(&self, since: DateTime<Utc>) {
        earlier(&self.unheard, since);
        self.gap.notify_one();
    }
}

fn earlier(known: &Mutex<Option<DateTime<Utc>>>, since: DateTime<Utc>) {
    let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
    *known = Some(known.map_or(since, |known| known.min(since)));
}

fn take(known: &Mutex<Option<DateTime<Utc>>>) -> Option<DateTime<Utc>> {
    known.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// One instance's end of a Redis channel.
struct Wire<T> {
    me: Uuid,
    channel: String,
    health: Arc<Health>,
    kind: PhantomData<fn() -> T>,
}

impl<T: Serialize + DeserializeOwned> Wire<T> {
    async fn send(
        self: Arc<Self>,
        mut connection: ConnectionManager,
        mut to_send: mpsc::Receiver<T>,
    ) {
        let mut is_over = false;
        while !is_over {
            let body = match timeout(HEARTBEAT, to_send.recv()).await {
                Ok(None) => {
                    is_over = true;
                    None
                }
                Ok(Some(body)) => Some(body),
                Err(_quiet) => None,
            };
            let started = now();
            let has_news = body.is_some();
            let missed_since = take(&self.health.unsaid);
            if is_over && missed_since.is_none() {
                return;
            }
            let message = Message {
                from: self.me,
                at: started,
                body,
                missed_since,
            };
            let Ok(json) = serde_json::to_vec(&message) else {
                continue;
            };
            let sent: Result<(), _> = connection.publish(&self.channel, json).await;
            if let Err(error) = sent {
                if has_news {
                    lost(&error.to_string());
                }
                let since = missed_since.or_else(|| has_news.then_some(started));
                if let Some(since) = since {
                    self.health.unsaid(since);
                }
            }
        }
    }

    async fn listen(&self, client: &Client, received: &mpsc::Sender<(Uuid, T)>) {
        let mut heard = now();
        loop {
            let result = self.listen_once(client, received, &mut heard).await;
            self.health.listening.store(false, Ordering::Relaxed);
            if let Err(error) = result {
                warn!(%error, "not hearing from other instances; trying again");
            }
            tokio::time::sleep(RETRY_PAUSE).await;
        }
    }

    /// Listens until the connection breaks. `heard` is when it last worked.
    async fn listen_once(
        &self,
        client: &Client,
        received: &mpsc::Sender<(Uuid, T)>,
        heard: &mut DateTime<Utc>,
    ) -> anyhow::Result<()> {
        let mut subscription = timeout(SILENCE, client.get_async_pubsub()).await??;
        timeout(SILENCE, subscription.subscribe(&self.channel)).await??;
        debug!(channel = self.channel, "listening to other instances");
        self.health.listening.store(true, Ordering::Relaxed);
        self.health.unheard(*heard);
        let mut messages = subscription.on_message();
        while let Some(message) = timeout(SILENCE, messages.next()).await? {
            match serde_json::from_slice::<Message<T>>(message.get_payload_bytes()) {
                Ok(message) => {
                    // What was said before has been heard; not what was said
                    // since, if this process was asleep for a while.
                    *heard = message.at.min(now());
                    if message.from != self.me {
                        self.hear(message, received);
                    }
                }
                // A newer instance, during an upgrade: the database tells, too.
                Err(error) => {
                    debug!(%error, "a message of another shape");
                    self.health.unheard(*heard);
                }
            }
        }
        Ok(())
    }

    fn hear(&self, message: Message<T>, received: &mpsc::Sender<(Uuid, T)>) {
        if let Some(since) = message.missed_since {
            self.health.unheard(since);
        }
        if let Some(body) = message.body
            && let Err(TrySendError::Full(_)) = received.try_send((message.from, body))
        {
            // The Redis client would keep whatever waits, without a limit.
            lost("too much came in at once");
            self.health.unheard(message.at);
        }
    }
}
