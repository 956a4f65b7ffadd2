//! Carries changes between instances over Redis, so that a dashboard hears of
//! an order whichever instance processed it.
//!
//! Beside the local broadcast, never in front of it: while Redis is away, an
//! instance's own clients are served all the same, and the others catch up from
//! `GET /orders/changes` when they reconnect or from the next change.

use std::time::Duration;

use domain::api::Order;
use futures::StreamExt;
use redis::aio::ConnectionManager;
use redis::{AsyncCommands, Client};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};
use uuid::Uuid;

/// Pause before listening again after Redis was lost.
const RETRY_PAUSE: Duration = Duration::from_secs(1);

/// Batches from other instances that may wait to be broadcast here.
const MAX_WAITING: usize = 1_000;

/// What travels: a batch of changed orders, and who sent it.
#[derive(Debug, Serialize, Deserialize)]
struct Message {
    from: Uuid,
    orders: Vec<Order>,
}

/// Sends this instance's changes to the others; cheap to clone.
#[derive(Clone, Debug)]
pub struct Relay {
    queue: mpsc::Sender<Vec<Order>>,
}

impl Relay {
    /// A relay, and the changes other instances send. Its tasks end with
    /// `shutdown`.
    pub fn start(
        url: &str,
        connection: ConnectionManager,
        name: &str,
        shutdown: &CancellationToken,
    ) -> anyhow::Result<(Self, mpsc::Receiver<Vec<Order>>)> {
        let (queue, to_send) = mpsc::channel(MAX_WAITING);
        let (received, from_others) = mpsc::channel(MAX_WAITING);
        let wire = Wire {
            me: Uuid::now_v7(),
            channel: format!("{name}:changes"),
        };
        let client = Client::open(url)?;
        let work = async move {
            tokio::join!(
                wire.listen(&client, &received),
                wire.send(connection, to_send),
            )
        };
        tokio::spawn(shutdown.clone().run_until_cancelled_owned(work));
        Ok((Self { queue }, from_others))
    }

    /// Tells the other instances. Never blocks; what does not fit they learn
    /// from the order's next change.
    pub fn send(&self, orders: Vec<Order>) {
        if self.queue.try_send(orders).is_err() {
            warn!("other instances were not told of a change");
        }
    }
}

/// One instance's end of the Redis channel.
#[derive(Debug)]
struct Wire {
    me: Uuid,
    channel: String,
}

impl Wire {
    async fn send(
        &self,
        mut connection: ConnectionManager,
        mut to_send: mpsc::Receiver<Vec<Order>>,
    ) {
        while let Some(orders) = to_send.recv().await {
            let message = Message {
                from: self.me,
                orders,
            };
            let Ok(json) = serde_json::to_vec(&message) else {
                continue;
            };
            let sent: Result<(), _> = connection.publish(&self.channel, json).await;
            if let Err(error) = sent {
                warn!(%error, "other instances were not told of a change");
            }
        }
    }

    async fn listen(&self, client: &Client, received: &mpsc::Sender<Vec<Order>>) {
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
        sender: &mpsc::Sender<Vec<Order>>,
    ) -> redis::RedisResult<()> {
        let mut subscription = client.get_async_pubsub().await?;
        subscription.subscribe(&self.channel).await?;
        debug!("listening to other instances");
        let mut messages = subscription.on_message();
        while let Some(message) = messages.next().await {
            match serde_json::from_slice::<Message>(message.get_payload_bytes()) {
                Ok(message) if message.from == self.me => {}
                Ok(message) => {
                    // Full: this instance is overloaded, and its clients will
                    // see the next version or catch up.
                    let _ = sender.try_send(message.orders);
                }
                // A newer instance, during an upgrade.
                Err(error) => debug!(%error, "a message of another shape"),
            }
        }
        Ok(())
    }
}
