//! Group commit: whatever queued up while the last commit ran goes into the
//! next one. An idle server commits at once; there is no timer. A webhook is
//! acknowledged only after its row is durable.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use metrics::{gauge, histogram};
use sea_orm::DbErr;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};
use tracing::{debug, warn};
use uuid::Uuid;

use super::fresh::{Fresh, Incoming};
use super::{NewDelivery, Stored, store};
use crate::db::{Db, now};
use crate::jobs::LEASE;
use crate::jobs::dispatcher::DispatchHandle;
use crate::telemetry::metrics::names;

/// Deliveries that may wait for a commit; more are refused (503), which tells
/// Shopify to come back.
const MAX_WAITING: usize = 2_048;

/// Deliveries in one commit: bounded by statement size (16 binds a row on `SQLite`).
const MAX_BATCH: usize = 256;

/// Why a delivery was not stored.
#[derive(Debug, Clone, thiserror::Error)]
pub enum InboxError {
    /// Too many are waiting already.
    #[error("the inbox is full")]
    Full,
    /// The server is shutting down.
    #[error("the inbox is closed")]
    Closed,
    /// It was not stored in time. It may be all the same, later: then it is a
    /// duplicate when it comes again.
    #[error("the inbox did not commit in time")]
    Late,
    /// The commit failed; nothing of the batch was stored.
    #[error("the inbox could not commit: {0}")]
    Database(Arc<DbErr>),
}

/// Shopify waits five seconds in all, from its first byte to our last: within
/// this time of a webhook's arrival it is stored, or refused so that it comes
/// again. Whatever holds it up: it may wait for the commit before its own, too.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(4);

/// A database that neither answers nor fails must not keep everybody waiting.
const COMMIT_TIMEOUT: Duration = Duration::from_secs(3);

type Answer = oneshot::Sender<Result<Stored, InboxError>>;

/// Takes deliveries in; cheap to clone.
#[derive(Clone, Debug)]
pub struct Inbox {
    queue: mpsc::Sender<(NewDelivery, Answer)>,
}

impl Inbox {
    /// Starts the task that commits. It ends when the last handle is dropped.
    pub fn start(db: Db, dispatch: DispatchHandle, fresh: Fresh) -> Self {
        let (queue, waiting) = mpsc::channel(MAX_WAITING);
        let committer = Committer {
            db,
            dispatch,
            fresh,
        };
        tokio::spawn(committer.run(waiting));
        Self { queue }
    }

    /// Stores a delivery; returns once it is durable, or at the deadline.
    pub async fn store(
        &self,
        delivery: NewDelivery,
        deadline: Instant,
    ) -> Result<Stored, InboxError> {
        let (answer, stored) = oneshot::channel();
        self.queue
            .try_send((delivery, answer))
            .map_err(|error| match error {
                mpsc::error::TrySendError::Full(_) => InboxError::Full,
                mpsc::error::TrySendError::Closed(_) => InboxError::Closed,
            })?;
        match timeout_at(deadline, stored).await {
            Ok(stored) => stored.map_err(|_| InboxError::Closed)?,
            Err(_) => Err(InboxError::Late),
        }
    }
}

/// The task that commits.
struct Committer {
    db: Db,
    dispatch: DispatchHandle,
    fresh: Fresh,
}

impl Committer {
    async fn run(self, mut waiting: mpsc::Receiver<(NewDelivery, Answer)>) {
        let mut queued = Vec::with_capacity(MAX_BATCH);
        while waiting.recv_many(&mut queued, MAX_BATCH).await > 0 {
            gauge!(names::INBOX_WAITING).set(f64::from(u32::try_from(waiting.len()).unwrap_or(0)));
            // Whoever was refused meanwhile sends it again.
            let wanted = queued.drain(..).filter(|(_, answer)| !answer.is_closed());
            let (batch, answers): (Vec<_>, Vec<_>) = wanted.unzip();
            if batch.is_empty() {
                continue;
            }
            histogram!(names::INBOX_COMMIT)
                .record(f64::from(u32::try_from(batch.len()).unwrap_or(0)));
            self.commit(batch, answers).await;
        }
    }

    async fn commit(&self, mut batch: Vec<NewDelivery>, answers: Vec<Answer>) {
        let room = self.dispatch.has_room();
        // With room in the queue these are dispatched right away, and looked
        // after again only if that should get lost; without, the dispatcher
        // picks them up as soon as there is.
        let due_at = if room { now() + LEASE } else { now() };
        let mut pending: HashMap<Uuid, Incoming> = batch
            .iter_mut()
            .filter_map(incoming)
            .map(|delivery| (delivery.id, delivery))
            .collect();
        // What it may have stored after all is a duplicate next time.
        let stored = store::insert_batch(&self.db, batch, due_at);
        let stored = tokio::time::timeout(COMMIT_TIMEOUT, stored)
            .await
            .unwrap_or_else(|_| Err(DbErr::Custom("no answer in time".to_owned())));
        match stored {
            Ok(stored) => {
                debug!(deliveries = stored.len(), "committed to the inbox");
                let accepted = stored.iter().filter_map(|stored| match stored {
                    Stored::New(id) => pending.remove(id),
                    Stored::Duplicate(_) => None,
                });
                let accepted: Vec<Incoming> = accepted.collect();
                if room && !accepted.is_empty() {
                    self.hand_on(accepted).await;
                }
                for (answer, stored) in answers.into_iter().zip(stored) {
                    let _ = answer.send(Ok(stored));
                }
            }
            Err(error) => {
                warn!(deliveries = answers.len(), %error, "the inbox could not commit");
                let error = Arc::new(error);
                for answer in answers {
                    let _ = answer.send(Err(InboxError::Database(Arc::clone(&error))));
                }
            }
        }
    }

    async fn hand_on(&self, accepted: Vec<Incoming>) {
        let ids: Vec<Uuid> = accepted.iter().map(|delivery| delivery.id).collect();
        self.fresh.remember(accepted);
        if !self.dispatch.dispatch(ids.clone())
            // No room after all: the sweep may have them.
            && let Err(error) = store::postpone(&self.db, &ids, now()).await
        {
            warn!(%error, "claims will run out by themselves");
        }
    }
}

/// What is to be processed of a delivery.
fn incoming(delivery: &mut NewDelivery) -> Option<Incoming> {
    Some(Incoming {
        notice: delivery.notice.take()?,
        id: delivery.id,
        shop: delivery.shop.clone(),
        topic: delivery.topic.clone(),
        triggered_at: delivery.triggered_at,
        received_at: delivery.received_at,
    })
}
