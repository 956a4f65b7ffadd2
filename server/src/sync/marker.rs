//! Remembers, a little later and many at once, what was broadcast. Nothing
//! waits for it: should it be lost, a change is broadcast twice.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tracing::warn;
use uuid::Uuid;

use crate::db::Db;
use crate::orders::store;

/// How long changes are gathered; well under what the sweep takes for lost.
const PAUSE: Duration = Duration::from_millis(200);

/// Batches that may wait.
const MAX_WAITING: usize = 1_024;

/// Changes marked by one statement.
const MAX_BATCH: usize = 2_000;

/// Takes changes that were broadcast.
#[derive(Debug)]
pub struct Marker {
    queue: mpsc::Sender<Vec<Uuid>>,
    task: JoinHandle<()>,
}

impl Marker {
    /// Starts the task that marks.
    pub fn start(db: Db) -> Self {
        let (queue, waiting) = mpsc::channel(MAX_WAITING);
        let task = tokio::spawn(run(db, waiting));
        Self { queue, task }
    }

    /// Marks what is still waiting, and ends.
    pub async fn finish(self) {
        drop(self.queue);
        if let Err(error) = self.task.await {
            warn!(%error, "could not mark changes as broadcast; they will be sent again");
        }
    }

    /// Marks history entries as broadcast, soon.
    pub fn mark(&self, events: Vec<Uuid>) {
        // Full: they will be broadcast again.
        let _ = self.queue.try_send(events);
    }
}

async fn run(db: Db, mut waiting: mpsc::Receiver<Vec<Uuid>>) {
    while let Some(mut events) = waiting.recv().await {
        if !waiting.is_closed() {
            tokio::time::sleep(PAUSE).await;
        }
        while let Ok(more) = waiting.try_recv() {
            events.extend(more);
        }
        for batch in events.chunks(MAX_BATCH) {
            if let Err(error) = store::mark_broadcast(&db, batch).await {
                warn!(%error, "could not mark changes as broadcast; they will be sent again");
            }
        }
    }
}
