//! Marks changes as broadcast, a little later and many at once. Nothing waits for it:
//! should a mark be lost, a change is broadcast twice.

use std::time::Duration;

use tokio::task::JoinHandle;
use tracing::warn;
use uuid::Uuid;

use super::event_table::EventTable;
use crate::batcher::{Batcher, Batches, batcher};
use crate::db::Db;

/// How long changes are gathered; well under what the sweep takes for lost.
const PAUSE: Duration = Duration::from_millis(200);

/// Batches that may wait.
const MAX_WAITING: usize = 1_024;

/// Changes marked by one statement.
const MAX_BATCH: usize = 2_000;

/// Takes changes that were broadcast.
#[derive(Debug)]
pub struct OutboxMarker {
    queue: Batcher<Vec<Uuid>>,
    task: JoinHandle<()>,
}

impl OutboxMarker {
    /// Starts the task that marks.
    pub fn start(db: Db, events: EventTable) -> Self {
        let (queue, waiting) = batcher(MAX_WAITING, MAX_WAITING);
        let task = tokio::spawn(run(db, events, waiting));
        Self { queue, task }
    }

    /// Marks what is still waiting, and ends.
    pub async fn finish(self) {
        drop(self.queue);
        if let Err(error) = self.task.await {
            warn!(%error, "could not mark changes as broadcast; they will be sent again");
        }
    }

    /// Marks entries as broadcast, soon.
    pub fn mark(&self, events: Vec<Uuid>) {
        // Full: they will be broadcast again.
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
