//! Carries news between instances over Redis, so that a dashboard hears of an
//! order or a colleague whichever instance they are connected to.
//!
//! Beside the local broadcast, never in front of it: while Redis is away, an
//! instance's own clients are served all the same. What was missed meanwhile is
//! not sent again here; [`Relay::gaps`] says that something may be missing.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use metrics::counter;
use redis::aio::ConnectionManager;
use redis::{AsyncCommands, Client};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};
use uuid::Uuid;

use crate::telemetry::metrics::names;

/// Pause before listening again after Redis was lost.
const RETRY_PAUSE: Duration = Duration::from_secs(1);

/// News that may wait on their way in or out.
const MAX_WAITING: usize = 1_000;

/// What an instance says that could not say something before.
const MISSED: &str = "missed";

fn lost(why: &str) {
    counter!(names::RELAY_LOST).increment(1);
    warn!(
        why,
        "news between instances went missing; they will catch up"
    );
}

/// What travels: news, and the instance that sent it.
#[derive(Debug, Serialize, Deserialize)]
pub struct Message<T> {
    /// The sending instance, as long as it runs.
    pub from: Uuid,
    /// What it has to say.
    pub body: T,
}

/// How to reach Redis.
#[derive(Clone)]
pub struct RedisHandle {
    /// For listening.
    pub client: Client,
    /// For sending.
    pub connection: ConnectionManager,
}

/// Sends this instance's news of one kind to the others; cheap to clone.
#[derive(Clone, Debug)]
pub struct Relay<T> {
    queue: mpsc::Sender<T>,
    gaps: Arc<Notify>,
}

impl<T: Serialize + DeserializeOwned + Send + 'static> Relay<T> {
    /// A relay on a Redis channel, and the news other instances send, until
    /// `shutdown`.
    pub fn start(
        redis: RedisHandle,
        channel: String,
        shutdown: &CancellationToken,
    ) -> (Self, mpsc::Receiver<Message<T>>) {
        let (queue, to_send) = mpsc::channel(MAX_WAITING);
        let (received, from_others) = mpsc::channel(MAX_WAITING);
        let gaps = Arc::new(Notify::new());
        let wire = Wire {
            me: Uuid::now_v7(),
            channel,
            gaps: Arc::clone(&gaps),
            kind: PhantomData,
        };
        let wire = Arc::new(wire);
        // Ends with the last sender, so that last words are still said.
        tokio::spawn(Arc::clone(&wire).send(redis.connection, to_send));
        let listen = async move { wire.listen(&redis.client, &received).await };
        tokio::spawn(shutdown.clone().run_until_cancelled_owned(listen));
        (Self { queue, gaps }, from_others)
    }

    /// Tells the other instances. Never blocks; what does not fit is lost to
    /// them until there is newer news.
    pub fn send(&self, news: T) {
        if self.queue.try_send(news).is_err() {
            lost("too much is waiting to be sent");
        }
    }

    /// Waits until news of others may have been missed: after every new start of
    /// listening, and when there was no room for them.
    pub async fn gaps(&self) {
        self.gaps.notified().await;
    }
}

/// One instance's end of a Redis channel.
struct Wire<T> {
    me: Uuid,
    channel: String,
    gaps: Arc<Notify>,
    kind: PhantomData<fn() -> T>,
}

impl<T: Serialize + DeserializeOwned> Wire<T> {
    async fn send(
        self: Arc<Self>,
        mut connection: ConnectionManager,
        mut to_send: mpsc::Receiver<T>,
    ) {
        let mut failed = false;
        while let Some(body) = to_send.recv().await {
            let message = Message {
                from: self.me,
                body,
            };
            let Ok(json) = serde_json::to_vec(&message) else {
                continue;
            };
            let sent: Result<(), _> = connection.publish(&self.channel, json).await;
            if let Err(error) = sent {
                lost(&error.to_string());
                failed = true;
            } else if failed {
                // They may wonder what it was: Redis forgets what it does not
                // pass on, and they may not have noticed that it was away.
                failed = false;
                let _: Result<(), _> = connection.publish(&self.channel, MISSED).await;
            }
        }
    }

    async fn listen(&self, client: &Client, received: &mpsc::Sender<Message<T>>) {
        loop {
            if let Err(error) = self.listen_once(client, received).await {
                warn!(%error, "not hearing from other instances; trying again");
            }
            tokio::time::sleep(RETRY_PAUSE).await;
        }
    }

    async fn listen_once(
        &self,
        client: &Client,
        received: &mpsc::Sender<Message<T>>,
    ) -> redis::RedisResult<()> {
        let mut subscription = client.get_async_pubsub().await?;
        subscription.subscribe(&self.channel).await?;
        debug!(channel = self.channel, "listening to other instances");
        self.gaps.notify_one();
        let mut messages = subscription.on_message();
        while let Some(message) = messages.next().await {
            if message.get_payload_bytes() == MISSED.as_bytes() {
                self.gaps.notify_one();
                continue;
            }
            match serde_json::from_slice::<Message<T>>(message.get_payload_bytes()) {
                Ok(message) if message.from == self.me => {}
                Ok(message) => {
                    if received.try_send(message).is_err() {
                        lost("too much is waiting to be passed on");
                        self.gaps.notify_one();
                    }
                }
                // A newer instance, during an upgrade.
                Err(error) => debug!(%error, "a message of another shape"),
            }
        }
        Ok(())
    }
}
