//! Saves edits. Edits that arrive while a batch is being saved form the next batch, which
//! is saved in one transaction. A single edit is saved at once.

use std::collections::HashSet;

use domain::wire::Order;
use platform::batcher::{Batcher, Batches, batcher};
use platform::db::bulk::LockMode;
use platform::db::{Db, is_conflict};
use platform::live::feed::broadcaster::Publisher;
use tokio::sync::oneshot;
use tracing::{debug, error, info};

use super::evaluate::{Edit, Outcome, evaluate};
use crate::error::OrderError;
use crate::feed::OrderFeed;
use crate::store::{self, Changes, WriteError};

/// Edits that may wait in the queue; further requests wait until there is room in it.
const MAX_WAITING: usize = 1_024;

/// Edits saved by one transaction.
const MAX_BATCH: usize = 64;

/// How often an edit is tried when the database aborts its transaction because of a
/// conflict with other writers.
const MAX_RACES: u32 = 5;

type Answer = oneshot::Sender<Result<Order, OrderError>>;

/// Accepts edits to save; cheap to clone.
#[derive(Clone, Debug)]
pub struct EditQueue {
    queue: Batcher<(Edit, Answer)>,
}

impl EditQueue {
    /// Starts the task that saves. It ends when the last handle is dropped.
    pub fn start(db: Db, publisher: Publisher<OrderFeed>) -> Self {
        let (queue, waiting) = batcher(MAX_WAITING, MAX_BATCH);
        tokio::spawn(run(Saver { db, publisher }, waiting));
        Self { queue }
    }

    /// Saves an edit; returns the order when it is durable.
    pub async fn save(&self, edit: Edit) -> Result<Order, OrderError> {
        let (answer, saved) = oneshot::channel();
        let lost = || OrderError::from(anyhow::anyhow!("the task that saves edits is gone"));
        let sent = self.queue.add((edit, answer)).await;
        sent.map_err(|_| lost())?;
        saved.await.map_err(|_| lost())?
    }
}

async fn run(saver: Saver, mut waiting: Batches<(Edit, Answer)>) {
    while let Some(queued) = waiting.next().await {
        let mut known = HashSet::new();
        // A batch has one edit per order, because a second edit has to see the first one's
        // result.
        let (batch, others): (Vec<_>, Vec<_>) = queued
            .into_iter()
            .partition(|(edit, _)| known.insert(edit.id));
        for one in others {
            saver.spawn(one);
        }
        let saver = saver.clone();
        // A separate task, because a panic must not end the queue.
        if let Err(error) = tokio::spawn(async move { saver.save_together(batch).await }).await {
            error!(%error, "saving edits failed");
        }
    }
}

#[derive(Clone, Debug)]
struct Saver {
    db: Db,
    publisher: Publisher<OrderFeed>,
}

impl Saver {
    /// Saves edits in one transaction. It does not wait for orders that another
    /// transaction has locked, and an edit that fails must not fail the others: such edits
    /// are saved one by one.
    async fn save_together(&self, batch: Vec<(Edit, Answer)>) {
        if batch.len() == 1 {
            return batch.into_iter().for_each(|one| self.spawn(one));
        }
        let edits: Vec<&Edit> = batch.iter().map(|(edit, _)| edit).collect();
        let answers = match self.save(&edits, LockMode::SkipLocked).await {
            Ok(answers) => answers,
            Err(error) => {
                debug!(%error, edits = batch.len(), "edits are saved one by one");
                batch.iter().map(|_| None).collect()
            }
        };
        for (one, answer) in batch.into_iter().zip(answers) {
            match answer {
                Some(answer) => drop(one.1.send(answer)),
                None => self.spawn(one),
            }
        }
    }

    fn spawn(&self, (edit, answer): (Edit, Answer)) {
        let saver = self.clone();
        tokio::spawn(async move {
            // The client may be disconnected by now; the edit is saved nevertheless.
            let _ = answer.send(saver.save_alone(&edit).await);
        });
    }

    async fn save_alone(&self, edit: &Edit) -> Result<Order, OrderError> {
        for _ in 0..MAX_RACES {
            match self.save(&[edit], LockMode::Wait).await {
                Err(OrderError::Database(error)) if is_conflict(&error) => {}
                Err(error) => return Err(error),
                Ok(mut answers) => {
                    return answers.pop().flatten().ok_or(OrderError::NotFound)?;
                }
            }
        }
        Err(anyhow::anyhow!("lost {MAX_RACES} races for the same rows").into())
    }

    /// Saves edits in one transaction. Returns one answer per edit; `None` if its order
    /// does not exist or was skipped because it is locked. An error means that the
    /// transaction failed and nothing was saved.
    async fn save(
        &self,
        edits: &[&Edit],
        lock: LockMode,
    ) -> Result<Vec<Option<Result<Order, OrderError>>>, OrderError> {
        let tx = self.db.begin_write().await?;
        let ids = edits.iter().map(|edit| edit.id).collect();
        let orders = store::lock_by_ids(&tx, ids, lock).await?;
        let mut changes = Changes::default();
        let mut answers = Vec::with_capacity(edits.len());
        for edit in edits {
            let Some(current) = orders.get(&edit.id) else {
                answers.push(None);
                continue;
            };
            let order = match evaluate(&tx, current, edit).await {
                Err(refusal) if refusal.is_refusal() => {
                    answers.push(Some(Err(refusal)));
                    continue;
                }
                Err(error) => return Err(error),
                Ok(Outcome::Repeated(order)) => {
                    answers.push(Some(Ok(*order)));
                    continue;
                }
                Ok(Outcome::Unchanged) => Order::from(current),
                Ok(Outcome::Changed(next)) => {
                    let order = Order::from(&*next);
                    changes
                        .add(Some(current), *next, &edit.actor, None)
                        .map_err(order_error)?;
                    order
                }
            };
            if let Some(idempotent) = &edit.idempotent {
                idempotent.store_answer(&tx, &order).await?;
            }
            answers.push(Some(Ok(order)));
        }
        let committed = changes.write(&tx).await.map_err(order_error)?;
        tx.commit().await?;
        for change in &committed {
            let order = &change.state;
            info!(order.id = %order.id, order.version, "order edited");
        }
        self.publisher.publish(committed);
        Ok(answers)
    }
}

fn order_error(error: WriteError) -> OrderError {
    match error {
        // The row is locked, so no other writer can have changed it.
        WriteError::Race => anyhow::anyhow!("a locked order changed").into(),
        WriteError::Database(error) => error.into(),
        WriteError::Other(error) => error.into(),
    }
}
