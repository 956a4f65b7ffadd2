//! Broadcasts changes that were missed: those that this instance committed but never sent,
//! and those of other instances whose messages were lost.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::DbErr;
use tokio::time::{Instant, sleep_until};
use tracing::{info, warn};
use uuid::Uuid;

use super::{Broadcaster, LOST_AFTER, MAX_BATCH, MAX_FRAME};
use crate::live::feed::Feed;

/// A change has the time at which its transaction began, so it may become visible this
/// much later.
const LONGEST_TRANSACTION: TimeDelta = TimeDelta::seconds(30);

impl<F: Feed> Broadcaster<F> {
    /// Sends this instance's clients everything that changed since a time, because
    /// messages of other instances may have been lost since then.
    pub(super) async fn catch_up(&mut self, since: DateTime<Utc>) {
        // Clients have not received these changes, so no waiting cursor may be sent.
        self.watermark.discard_waiting();
        let since = since - LONGEST_TRANSACTION;
        let mut last = None;
        loop {
            // Bounds the number of items that wait for a frame.
            while self.conflater.len() >= MAX_FRAME {
                sleep_until(self.next_frame).await;
                self.send_frame().await;
            }
            match F::changed_since(&self.db, since, last, MAX_BATCH as u64).await {
                Ok(items) => {
                    let Some(end) = items.last() else { return };
                    last = Some((F::updated_at(end), F::id(end)));
                    self.emit_all(items).await;
                }
                Err(error) => {
                    warn!(%error, "could not look up the changes of other instances; trying again");
                    let since = since + LONGEST_TRANSACTION;
                    self.missed = Some(self.missed.map_or(since, |missed| missed.min(since)));
                    return;
                }
            }
        }
    }

    /// Broadcasts all changes that were committed but never sent.
    pub(super) async fn sweep(&mut self) {
        let began = Instant::now();
        loop {
            match self.sweep_batch().await {
                Ok(found) if found < MAX_BATCH => {
                    self.swept = Some(began);
                    return;
                }
                Ok(_) => {}
                Err(error) => {
                    warn!(%error, "could not sweep the outbox");
                    return;
                }
            }
        }
    }

    async fn sweep_batch(&mut self) -> Result<usize, DbErr> {
        let unsent = F::EVENTS
            .unsent(&self.db, LOST_AFTER, MAX_BATCH as u64)
            .await?;
        if unsent.is_empty() {
            return Ok(0);
        }
        info!(
            changes = unsent.len(),
            "broadcasting changes that were never sent"
        );
        let changed = unsent.iter().map(|unsent| unsent.subject).collect();
        self.announce(F::load(&self.db, changed).await?).await;
        // Marked at once and not by the marker, because the next batch is read now.
        let events: Vec<Uuid> = unsent.iter().map(|unsent| unsent.event_id).collect();
        F::EVENTS.mark_broadcast(&self.db, &events).await?;
        Ok(unsent.len())
    }
}
