//! Group commit: whatever is queued while one batch is worked on goes into the next
//! one. An idle queue hands an item on at once; there is no timer.
//!
//! Four places use it: the inbox commits webhooks, the dispatcher gathers them into
//! jobs, edits are saved together, and broadcast changes are marked together.

use tokio::sync::mpsc;

/// The sending end of a bounded queue whose items are taken in batches; cheap to
/// clone. The queue closes when the last sender is dropped.
#[derive(Debug)]
pub struct Batcher<T> {
    queue: mpsc::Sender<T>,
}

/// The receiving end.
#[derive(Debug)]
pub struct Batches<T> {
    queue: mpsc::Receiver<T>,
    max_batch: usize,
}

/// Why an item was not queued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotQueued {
    /// Too many items are waiting.
    #[error("the queue is full")]
    Full,
    /// The receiving end is gone.
    #[error("the queue is closed")]
    Closed,
}

/// A queue in which `capacity` items may wait, taken at most `max_batch` at a time.
pub fn batcher<T>(capacity: usize, max_batch: usize) -> (Batcher<T>, Batches<T>) {
    let (sender, receiver) = mpsc::channel(capacity);
    let batches = Batches {
        queue: receiver,
        max_batch,
    };
    (Batcher { queue: sender }, batches)
}

impl<T> Batcher<T> {
    /// Queues an item, unless too many are waiting.
    pub fn try_add(&self, item: T) -> Result<(), NotQueued> {
        self.queue.try_send(item).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => NotQueued::Full,
            mpsc::error::TrySendError::Closed(_) => NotQueued::Closed,
        })
    }

    /// Queues an item; waits while too many are waiting.
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
    /// Waits for items and takes all that are queued, up to the limit; `None` once the
    /// queue is closed and empty. Cancelling it loses nothing.
    pub async fn next(&mut self) -> Option<Vec<T>> {
        let mut batch = Vec::new();
        let taken = self.queue.recv_many(&mut batch, self.max_batch).await;
        (taken > 0).then_some(batch)
    }

    /// Takes what was queued since, without waiting, as far as there is room in the
    /// batch.
    pub fn fill(&mut self, batch: &mut Vec<T>) {
        while batch.len() < self.max_batch {
            let Ok(item) = self.queue.try_recv() else {
                return;
            };
            batch.push(item);
        }
    }

    /// Items that wait.
    pub fn waiting(&self) -> usize {
        self.queue.len()
    }

    /// No further item will be queued: every sender is gone.
    pub fn is_closed(&self) -> bool {
        self.queue.is_closed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whatever_was_queued_meanwhile_is_one_batch_up_to_the_limit() {
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
    async fn a_full_queue_refuses_and_a_closed_one_says_that_it_is_closed() {
        let (batcher, batches) = batcher(1, 1);
        batcher.try_add(1).unwrap();
        assert_eq!(batcher.try_add(2), Err(NotQueued::Full));
        drop(batches);
        assert_eq!(batcher.try_add(3), Err(NotQueued::Closed));
        assert_eq!(batcher.add(4).await, Err(NotQueued::Closed));
    }
}
