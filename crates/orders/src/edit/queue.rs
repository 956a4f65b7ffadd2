//! Saves people's edits. Edits that come in while several are being saved together
//! are saved together next. A lone one is saved at once, by itself.

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

/// Edits that may wait; a further request waits until there is room.
const MAX_WAITING: usize = 1_024;

/// Edits saved by one transaction.
const MAX_BATCH: usize = 64;

/// Tries when the database had to pick a victim among writers.
const MAX_RACES: u32 = 5;

type Answer = oneshot::Sender<Result<Order, OrderError>>;

/// Takes edits; cheap to clone.
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

    /// Saves an edit; returns the order once it is durable.
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
        // One edit an order: the next one has to see what it did.
        let (batch, others): (Vec<_>, Vec<_>) = queued
            .into_iter()
            .partition(|(edit, _)| known.insert(edit.id));
        for one in others {
            saver.spawn(one);
        }
        let saver = saver.clone();
        // A task of its own: a panic must not end the queue.
        if let Err(error) = tokio::spawn(async move { saver.together(batch).await }).await {
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
    /// Saves edits in one transaction, but never waits for an order that somebody
    /// else holds, nor lets one edit's trouble become another's: what does not
    /// work out together is saved one by one.
    async fn together(&self, batch: Vec<(Edit, Answer)>) {
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
            // The client may have gone; the edit counts all the same.
            let _ = answer.send(saver.alone(&edit).await);
        });
    }

    async fn alone(&self, edit: &Edit) -> Result<Order, OrderError> {
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

    /// One answer an edit; none where the order is not there, or left out. Fails
    /// as a whole when the transaction does.
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
                        .map_err(failed)?;
                    order
                }
            };
            if let Some(idempotent) = &edit.idempotent {
                idempotent.remember(&tx, &order).await?;
            }
            answers.push(Some(Ok(order)));
        }
        let committed = changes.write(&tx).await.map_err(failed)?;
        tx.commit().await?;
        for change in &committed {
            let order = &change.state;
            info!(order.id = %order.id, order.version, "order edited");
        }
        self.publisher.publish(committed);
        Ok(answers)
    }
}

fn failed(error: WriteError) -> OrderError {
    match error {
        // The row is locked: nobody can have been faster.
        WriteError::Race => anyhow::anyhow!("a locked order changed").into(),
        WriteError::Database(error) => error.into(),
        WriteError::Other(error) => error.into(),
    }
}
