//! Sends messages between instances over Redis, so that a dashboard receives the changes
//! of every instance, not only of the one that it is connected to.
//!
//! The local broadcast does not depend on it: while Redis is unavailable, an instance
//! still serves its own clients. Messages that were lost meanwhile are not sent again;
//! [`Relay::gap`] returns since when some may be missing.

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

/// The pause before listening again after the connection to Redis was lost.
const RETRY_PAUSE: Duration = Duration::from_millis(500);

/// How often an instance sends a message when it has none to send. It receives its own
/// messages, so a connection that broke silently is noticed.
const HEARTBEAT: Duration = Duration::from_secs(1);

/// If no message arrives for this long, the connection is broken.
pub const RECEIVE_TIMEOUT: Duration = Duration::from_secs(4);

/// The most messages that may wait to be sent, and to be received.
const MAX_WAITING: usize = 1_000;

/// The form of a message on Redis.
#[derive(Debug, Serialize, Deserialize)]
pub struct Envelope<T> {
    /// The id of the sending instance; it gets a new one when it starts.
    pub from: Uuid,
    /// When it was sent.
    pub at: DateTime<Utc>,
    /// The message; `None` in a heartbeat.
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub body: Option<T>,
    /// The sender could not send all of its messages since this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missed_since: Option<DateTime<Utc>>,
}

/// The default of `body`. `#[serde(default)]` alone would require `T: Default`.
const fn none<T>() -> Option<T> {
    None
}

/// Sends this instance's messages of one kind to the other instances; cheap to clone.
#[derive(Clone, Debug)]
pub struct Relay<T> {
    queue: mpsc::Sender<T>,
    state: Arc<RelayState>,
    sending: Arc<Mutex<Option<JoinHandle<()>>>>,
}

impl<T: Serialize + DeserializeOwned + Send + 'static> Relay<T> {
    /// A relay on a Redis channel, and the messages of other instances with the id of
    /// their sender, until `closing`.
    pub fn start(
        redis: RedisHandle,
        channel: String,
        closing: &CancellationToken,
    ) -> (Self, mpsc::Receiver<(Uuid, T)>) {
        let (queue, to_send) = mpsc::channel(MAX_WAITING);
        let (received, from_others) = mpsc::channel(MAX_WAITING);
        let state = Arc::new(RelayState::default());
        let endpoint = Arc::new(RelayChannel {
            instance: Uuid::now_v7(),
            channel,
            state: Arc::clone(&state),
            kind: PhantomData,
        });
        // Ends after the last sender is dropped, so that all messages are still sent.
        let sending = tokio::spawn(Arc::clone(&endpoint).send(redis.connection, to_send));
        let listen = async move { endpoint.listen(&redis.client, &received).await };
        tokio::spawn(closing.clone().run_until_cancelled_owned(listen));
        let relay = Self {
            queue,
            state,
            sending: Arc::new(Mutex::new(Some(sending))),
        };
        (relay, from_others)
    }

    /// Sends the messages that are waiting, and ends.
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
            warn!(%error, "the last messages were not sent to other instances");
        }
    }

    /// Sends a message to the other instances. Never blocks: if too many messages wait,
    /// it is lost, and the others are notified that they have a gap.
    pub fn send(&self, message: T) {
        if self.queue.try_send(message).is_err() {
            log_lost("too many messages wait to be sent");
            self.state.record_unsent(now());
        }
    }

    /// Messages of other instances are being received.
    pub fn is_listening(&self) -> bool {
        self.state.listening.load(Ordering::Relaxed)
    }

    /// Waits until messages of other instances may have been missed; returns since when.
    pub async fn gap(&self) -> DateTime<Utc> {
        loop {
            if let Some(since) = take(&self.state.unreceived_since) {
                return since;
            }
            self.state.gap.notified().await;
        }
    }
}

/// Counts and logs a message that was lost.
fn log_lost(why: &str) {
    counter!(names::RELAY_LOST).increment(1);
    warn!(
        why,
        "messages between instances were lost; the instances will catch up"
    );
}

/// Whether messages are received, and since when some may have been lost.
#[derive(Debug, Default)]
struct RelayState {
    listening: AtomicBool,
    /// Other instances may not have received our messages since this time.
    unsent_since: Mutex<Option<DateTime<Utc>>>,
    /// We may not have received the messages of other instances since this time.
    unreceived_since: Mutex<Option<DateTime<Utc>>>,
    gap: Notify,
}

impl RelayState {
    fn record_unsent(&self, since: DateTime<Utc>) {
        keep_earlier(&self.unsent_since, since);
    }

    fn record_unreceived(&self, since: DateTime<Utc>) {
        keep_earlier(&self.unreceived_since, since);
        self.gap.notify_one();
    }
}

fn keep_earlier(known: &Mutex<Option<DateTime<Utc>>>, since: DateTime<Utc>) {
    let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
    *known = Some(known.map_or(since, |known| known.min(since)));
}

fn take(known: &Mutex<Option<DateTime<Utc>>>) -> Option<DateTime<Utc>> {
    known.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// One instance's end of a Redis channel.
struct RelayChannel<T> {
    instance: Uuid,
    channel: String,
    state: Arc<RelayState>,
    kind: PhantomData<fn() -> T>,
}

impl<T: Serialize + DeserializeOwned> RelayChannel<T> {
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
                Err(_elapsed) => None,
            };
            let started = now();
            let has_body = body.is_some();
            let missed_since = take(&self.state.unsent_since);
            if is_over && missed_since.is_none() {
                return;
            }
            let envelope = Envelope {
                from: self.instance,
                at: started,
                body,
                missed_since,
            };
            let Ok(json) = serde_json::to_vec(&envelope) else {
                continue;
            };
            let sent: Result<(), _> = connection.publish(&self.channel, json).await;
            if let Err(error) = sent {
                if has_body {
                    log_lost(&error.to_string());
                }
                let since = missed_since.or_else(|| has_body.then_some(started));
                if let Some(since) = since {
                    self.state.record_unsent(since);
                }
            }
        }
    }

    async fn listen(&self, client: &Client, received: &mpsc::Sender<(Uuid, T)>) {
        let mut last_received = now();
        loop {
            let result = self.listen_once(client, received, &mut last_received).await;
            self.state.listening.store(false, Ordering::Relaxed);
            if let Err(error) = result {
                warn!(%error, "not receiving messages of other instances; trying again");
            }
            tokio::time::sleep(RETRY_PAUSE).await;
        }
    }

    /// Listens until the connection breaks. `last_received` is the time of the last
    /// message.
    async fn listen_once(
        &self,
        client: &Client,
        received: &mpsc::Sender<(Uuid, T)>,
        last_received: &mut DateTime<Utc>,
    ) -> anyhow::Result<()> {
        let mut subscription = timeout(RECEIVE_TIMEOUT, client.get_async_pubsub()).await??;
        timeout(RECEIVE_TIMEOUT, subscription.subscribe(&self.channel)).await??;
        debug!(channel = self.channel, "listening to other instances");
        self.state.listening.store(true, Ordering::Relaxed);
        self.state.record_unreceived(*last_received);
        let mut messages = subscription.on_message();
        while let Some(message) = timeout(RECEIVE_TIMEOUT, messages.next()).await? {
            match serde_json::from_slice::<Envelope<T>>(message.get_payload_bytes()) {
                Ok(envelope) => {
                    // Everything that was sent before this message has arrived, but not
                    // everything sent until now: this process may have been paused.
                    *last_received = envelope.at.min(now());
                    if envelope.from != self.instance {
                        self.receive(envelope, received);
                    }
                }
                // Sent by a newer instance, during an upgrade. The database has the change.
                Err(error) => {
                    debug!(%error, "a message could not be read");
                    self.state.record_unreceived(*last_received);
                }
            }
        }
        Ok(())
    }

    fn receive(&self, envelope: Envelope<T>, received: &mpsc::Sender<(Uuid, T)>) {
        if let Some(since) = envelope.missed_since {
            self.state.record_unreceived(since);
        }
        if let Some(body) = envelope.body
            && let Err(TrySendError::Full(_)) = received.try_send((envelope.from, body))
        {
            // Waiting here would let the Redis client buffer messages without a limit.
            log_lost("too many messages arrived at once");
            self.state.record_unreceived(envelope.at);
        }
    }
}
