//! Group commit: items that are queued while one batch is processed form the next batch, so
//! that many items share one commit. There is no timer: an idle queue yields an item at
//! once.
//!
//! It is used in four places: the inbox commits webhooks, the dispatcher collects them into
//! jobs, edits are saved together, and broadcast changes are marked together.

use tokio::sync::mpsc;

/// The sending end of a bounded queue whose items are received in batches; cheap to clone.
/// The queue closes when the last sender is dropped.
#[derive(Debug)]
pub struct Batcher<T> {
    queue: mpsc::Sender<T>,
}

/// The receiving end of the queue.
#[derive(Debug)]
pub struct Batches<T> {
    queue: mpsc::Receiver<T>,
    max_batch: usize,
}

/// Why an item was not queued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotQueued {
    /// The queue has reached its capacity.
    #[error("the queue is full")]
    Full,
    /// The receiving end was dropped.
    #[error("the queue is closed")]
    Closed,
}

/// A queue in which `capacity` items may wait; a batch has at most `max_batch` items.
pub fn batcher<T>(capacity: usize, max_batch: usize) -> (Batcher<T>, Batches<T>) {
    let (sender, receiver) = mpsc::channel(capacity);
    let batches = Batches {
        queue: receiver,
        max_batch,
    };
    (Batcher { queue: sender }, batches)
}

impl<T> Batcher<T> {
    /// Queues an item, unless the queue is full.
    pub fn try_add(&self, item: T) -> Result<(), NotQueued> {
        self.queue.try_send(item).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => NotQueued::Full,
            mpsc::error::TrySendError::Closed(_) => NotQueued::Closed,
        })
    }

    /// Queues an item; waits while the queue is full.
    pub async fn add(&self, item: T) -> Result<(), NotQueued> {
        let added = self.queue.send(item).await;
        added.map_err(|_| NotQueued::Closed)
    }
}

impl<T> Clone for Batcher<T> {
    fn clone(&self) -> Self {
        Self {
            queue: self.queue.clone(),
        }
    }
}

impl<T> Batches<T> {
    /// Waits for items and takes all that are queued, up to the limit; `None` when the
    /// queue is closed and empty. Cancel safe: no item is lost.
    pub async fn next(&mut self) -> Option<Vec<T>> {
        let mut batch = Vec::new();
        let taken = self.queue.recv_many(&mut batch, self.max_batch).await;
        (taken > 0).then_some(batch)
    }

    /// Adds queued items to a batch without waiting, until it has reached the limit.
    pub fn fill(&mut self, batch: &mut Vec<T>) {
        while batch.len() < self.max_batch {
            let Ok(item) = self.queue.try_recv() else {
                return;
            };
            batch.push(item);
        }
    }

    /// The number of items that are waiting.
    pub fn waiting(&self) -> usize {
        self.queue.len()
    }

    /// No further item will be queued, because every sender was dropped.
    pub fn is_closed(&self) -> bool {
        self.queue.is_closed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn items_queued_meanwhile_are_one_batch_up_to_the_limit() {
        let (batcher, mut batches) = batcher(8, 3);
        for item in 0..5 {
            batcher.try_add(item).unwrap();
        }
        assert_eq!(batches.next().await, Some(vec![0, 1, 2]));
        let mut rest = batches.next().await.unwrap();
        batcher.try_add(5).unwrap();
        batcher.try_add(6).unwrap();
        batches.fill(&mut rest);
        assert_eq!(rest, [3, 4, 5]);
        drop(batcher);
        assert_eq!(batches.next().await, Some(vec![6]));
        assert_eq!(batches.next().await, None);
    }

    #[tokio::test]
    async fn a_full_queue_and_a_closed_queue_refuse_items_for_different_reasons() {
        let (batcher, batches) = batcher(1, 1);
        batcher.try_add(1).unwrap();
        assert_eq!(batcher.try_add(2), Err(NotQueued::Full));
        drop(batches);
        assert_eq!(batcher.try_add(3), Err(NotQueued::Closed));
        assert_eq!(batcher.add(4).await, Err(NotQueued::Closed));
    }
}
