//! Marks changes as broadcast, many at once after a short delay, so that broadcasting does
//! not wait for the database. If a mark is lost, the change is broadcast twice.

use std::time::Duration;

use tokio::task::JoinHandle;
use tracing::warn;
use uuid::Uuid;

use super::event_table::EventTable;
use crate::batcher::{Batcher, Batches, batcher};
use crate::db::Db;

/// How long changes are collected: much shorter than the age at which the sweep considers
/// a change lost.
const PAUSE: Duration = Duration::from_millis(200);

/// Batches that may wait.
const MAX_WAITING: usize = 1_024;

/// The most changes that one statement marks.
const MAX_BATCH: usize = 2_000;

/// Marks changes as broadcast in a task of its own.
#[derive(Debug)]
pub struct OutboxMarker {
    queue: Batcher<Vec<Uuid>>,
    task: JoinHandle<()>,
}

impl OutboxMarker {
    /// Starts the task.
    pub fn start(db: Db, events: EventTable) -> Self {
        let (queue, waiting) = batcher(MAX_WAITING, MAX_WAITING);
        let task = tokio::spawn(run(db, events, waiting));
        Self { queue, task }
    }

    /// Marks the changes that are waiting, and ends.
    pub async fn finish(self) {
        drop(self.queue);
        if let Err(error) = self.task.await {
            warn!(%error, "could not mark changes as broadcast; they will be sent again");
        }
    }

    /// Marks entries as broadcast, soon.
    pub fn mark(&self, events: Vec<Uuid>) {
        // If the queue is full, they are broadcast again.
        let _ = self.queue.try_add(events);
    }
}

async fn run(db: Db, events: EventTable, mut waiting: Batches<Vec<Uuid>>) {
    while let Some(mut broadcast) = waiting.next().await {
        if !waiting.is_closed() {
            tokio::time::sleep(PAUSE).await;
        }
        waiting.fill(&mut broadcast);
        for batch in broadcast.concat().chunks(MAX_BATCH) {
            if let Err(error) = events.mark_broadcast(&db, batch).await {
                warn!(%error, "could not mark changes as broadcast; they will be sent again");
            }
        }
    }
}
