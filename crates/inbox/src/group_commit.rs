//! Group commit: deliveries that arrive while a commit runs are stored by the next one
//! together. An idle server commits at once; there is no timer. A webhook is
//! acknowledged only after its row is durable.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use metrics::{gauge, histogram};
use platform::batcher::{self, Batcher, Batches, batcher};
use platform::db::{Db, now};
use sea_orm::DbErr;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};
use tracing::{debug, warn};
use uuid::Uuid;

use crate::deliveries::{NewDelivery, Stored, store};
use crate::dispatcher::DispatchHandle;
use crate::error::NotStored;
use crate::job::LEASE;
use crate::metric_names as names;
use crate::parsed_cache::{ParsedCache, ParsedDelivery};

/// Deliveries that may wait for a commit; further ones are refused with 503, and Shopify
/// sends them again.
const MAX_WAITING: usize = 2_048;

/// Deliveries in one commit, limited by the size of a statement: a row has 16 bound
/// values on `SQLite`.
const MAX_BATCH: usize = 256;

/// A commit that takes longer than this has failed, so that a database that does not
/// answer cannot block the deliveries behind it.
const COMMIT_TIMEOUT: Duration = Duration::from_secs(3);

type Answer = oneshot::Sender<Result<Stored, NotStored>>;

/// Accepts deliveries to commit; cheap to clone.
#[derive(Clone, Debug)]
pub struct GroupCommit {
    queue: Batcher<(NewDelivery, Answer)>,
}

impl GroupCommit {
    /// Starts the task that commits. It ends when the last handle is dropped.
    pub fn start(db: Db, dispatch: DispatchHandle, parsed: ParsedCache) -> Self {
        let (queue, waiting) = batcher(MAX_WAITING, MAX_BATCH);
        let committer = Committer {
            db,
            dispatch,
            parsed,
        };
        tokio::spawn(committer.run(waiting));
        Self { queue }
    }

    /// Stores a delivery; returns once it is durable, or at the deadline.
    pub async fn store(
        &self,
        delivery: NewDelivery,
        deadline: Instant,
    ) -> Result<Stored, NotStored> {
        let (answer, stored) = oneshot::channel();
        self.queue
            .try_add((delivery, answer))
            .map_err(|error| match error {
                batcher::NotQueued::Full => NotStored::Full,
                batcher::NotQueued::Closed => NotStored::Closed,
            })?;
        match timeout_at(deadline, stored).await {
            Ok(stored) => stored.map_err(|_| NotStored::Closed)?,
            Err(_) => Err(NotStored::Late),
        }
    }
}

/// The task that commits.
struct Committer {
    db: Db,
    dispatch: DispatchHandle,
    parsed: ParsedCache,
}

impl Committer {
    async fn run(self, mut waiting: Batches<(NewDelivery, Answer)>) {
        while let Some(queued) = waiting.next().await {
            gauge!(names::INBOX_WAITING)
                .set(f64::from(u32::try_from(waiting.waiting()).unwrap_or(0)));
            // A closed channel means that the webhook was refused at its deadline; it is not
            // stored, because Shopify sends it again.
            let wanted = queued.into_iter().filter(|(_, answer)| !answer.is_closed());
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
        // With room in the queue the deliveries are dispatched at once, and the lease
        // covers the loss of their job. Without room they are due at once, so that a
        // sweep finds them as soon as there is room.
        let due_at = if room { now() + LEASE } else { now() };
        let mut pending: HashMap<Uuid, ParsedDelivery> = batch
            .iter_mut()
            .filter_map(parsed)
            .map(|delivery| (delivery.id, delivery))
            .collect();
        // After a timeout the batch may have been stored nevertheless; then its deliveries
        // are duplicates when they are sent again.
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
                let accepted: Vec<ParsedDelivery> = accepted.collect();
                if room && !accepted.is_empty() {
                    self.dispatch(accepted).await;
                }
                for (answer, stored) in answers.into_iter().zip(stored) {
                    let _ = answer.send(Ok(stored));
                }
            }
            Err(error) => {
                warn!(deliveries = answers.len(), %error, "the inbox could not commit");
                let error = Arc::new(error);
                for answer in answers {
                    let _ = answer.send(Err(NotStored::Database(Arc::clone(&error))));
                }
            }
        }
    }

    async fn dispatch(&self, accepted: Vec<ParsedDelivery>) {
        let ids: Vec<Uuid> = accepted.iter().map(|delivery| delivery.id).collect();
        self.parsed.insert(accepted);
        if !self.dispatch.dispatch(ids.clone())
            // There was no room after all, so the deliveries are released for a sweep.
            && let Err(error) = store::postpone(&self.db, &ids, now()).await
        {
            warn!(%error, "the claims were not released and will expire");
        }
    }
}

/// Takes the event out of a delivery; `None` if there is nothing to process.
fn parsed(delivery: &mut NewDelivery) -> Option<ParsedDelivery> {
    Some(ParsedDelivery {
        event: delivery.event.take()?,
        id: delivery.id,
        account: delivery.account.clone(),
        topic: delivery.topic.clone(),
        triggered_at: delivery.triggered_at,
        received_at: delivery.received_at,
    })
}
