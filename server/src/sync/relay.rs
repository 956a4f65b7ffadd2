//! Carries news between instances over Redis, so that a dashboard hears of an
//! order or a colleague whichever instance they are connected to.
//!
//! Beside the local broadcast, never in front of it: while Redis is away, an
//! instance's own clients are served all the same, and the others catch up from
//! `GET /orders/changes` when they reconnect or from the next change.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use redis::aio::ConnectionManager;
use redis::{AsyncCommands, Client};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};
use uuid::Uuid;

/// Pause before listening again after Redis was lost.
const RETRY_PAUSE: Duration = Duration::from_secs(1);

/// News that may wait on their way in or out.
const MAX_WAITING: usize = 1_000;

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
        let wire = Wire {
            me: Uuid::now_v7(),
            channel,
            kind: PhantomData,
        };
        let wire = Arc::new(wire);
        // Ends with the last sender, so that last words are still said.
        tokio::spawn(Arc::clone(&wire).send(redis.connection, to_send));
        let listen = async move { wire.listen(&redis.client, &received).await };
        tokio::spawn(shutdown.clone().run_until_cancelled_owned(listen));
        (Self { queue }, from_others)
    }

    /// Tells the other instances. Never blocks; what does not fit is lost to
    /// them until there is newer news.
    pub fn send(&self, news: T) {
        if self.queue.try_send(news).is_err() {
            warn!("other instances were not told of something");
        }
    }
}

/// One instance's end of a Redis channel.
struct Wire<T> {
    me: Uuid,
    channel: String,
    kind: PhantomData<fn() -> T>,
}

impl<T: Serialize + DeserializeOwned> Wire<T> {
    async fn send(
        self: Arc<Self>,
        mut connection: ConnectionManager,
        mut to_send: mpsc::Receiver<T>,
    ) {
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
                warn!(%error, "other instances were not told of something");
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
        let mut messages = subscription.on_message();
        while let Some(message) = messages.next().await {
            match serde_json::from_slice::<Message<T>>(message.get_payload_bytes()) {
                Ok(message) if message.from == self.me => {}
                Ok(message) => {
                    // Full: this instance is overloaded, and its clients will
                    // see the next version or catch up.
                    let _ = received.try_send(message);
                }
                // A newer instance, during an upgrade.
                Err(error) => debug!(%error, "a message of another shape"),
            }
        }
        Ok(())
    }
}
