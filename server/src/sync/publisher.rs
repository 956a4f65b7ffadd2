//! Tells dashboards what was committed.
//!
//! `order_events` doubles as the outbox: an entry is marked once it was
//! broadcast, and a sweep broadcasts what was committed but never marked (a
//! crash in between, or an overflowing queue). So a change may be sent twice,
//! never not at all; clients drop versions they already have.

use std::time::Duration;

use chrono::TimeDelta;
use domain::api::Order;
use domain::sync::{
    BATCH_INTERVAL_MS, BATCH_ROOM, CURSOR, CURSOR_ROOM, NAMESPACE, ORDER_SYNCED, ORDERS_SYNCED,
    ROOM,
};
use serde::Serialize;
use socketioxide::SocketIo;
use tokio::sync::mpsc;
use tokio::time::{Instant, interval, sleep_until};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::conflate::Conflater;
use super::progress::{Overflow, Progress, ROUND};
use super::relay::{Message, Relay};
use crate::db::{Db, now};
use crate::orders::changes;
use crate::orders::store::{self, Committed};

/// Changes that may wait to be broadcast; more are left to the sweep.
const MAX_WAITING: usize = 10_000;

/// Changes marked as broadcast by one statement.
const MAX_BATCH: usize = 500;

/// Orders in one `ORDERS_SYNCED` frame.
const MAX_FRAME: usize = 500;

/// How often the outbox is swept, and how old an entry must be to count as lost.
const SWEEP_INTERVAL: Duration = Duration::from_secs(5);
const LOST_AFTER: TimeDelta = TimeDelta::seconds(5);

/// The relay to other instances, and what they send.
pub type Others = (Relay<Vec<Order>>, mpsc::Receiver<Message<Vec<Order>>>);

/// Takes committed changes; cheap to clone, never blocks.
#[derive(Clone, Debug)]
pub struct Publisher {
    queue: mpsc::Sender<Committed>,
    overflow: Overflow,
}

impl Publisher {
    /// A publisher, and the task behind it.
    pub fn new(db: Db, io: SocketIo, others: Option<Others>) -> (Self, Broadcasts) {
        let (relay, from_others) = others.unzip();
        let (queue, committed) = mpsc::channel(MAX_WAITING);
        let overflow = Overflow::default();
        let broadcasts = Broadcasts {
            progress: Progress::new(overflow.clone()),
            db,
            io,
            relay,
            from_others: from_others.unwrap_or_else(|| mpsc::channel(1).1),
            committed,
            conflater: Conflater::default(),
            next_frame: Instant::now(),
        };
        (Self { queue, overflow }, broadcasts)
    }

    /// Broadcasts committed changes soon. Call only after the commit.
    pub fn publish(&self, changes: impl IntoIterator<Item = Committed>) {
        for change in changes {
            if self.queue.try_send(change).is_err() {
                // The outbox remembers.
                self.overflow.happened();
            }
        }
    }
}

/// The task that broadcasts.
#[derive(Debug)]
pub struct Broadcasts {
    db: Db,
    io: SocketIo,
    relay: Option<Relay<Vec<Order>>>,
    from_others: mpsc::Receiver<Message<Vec<Order>>>,
    committed: mpsc::Receiver<Committed>,
    conflater: Conflater,
    progress: Progress,
    next_frame: Instant,
}

impl Broadcasts {
    /// Runs until shut down.
    pub async fn run(mut self, shutdown: CancellationToken) {
        let mut sweep = interval(SWEEP_INTERVAL);
        let mut round = interval(ROUND);
        let mut batch = Vec::with_capacity(MAX_BATCH);
        loop {
            tokio::select! {
                () = shutdown.cancelled() => break,
                _ = self.committed.recv_many(&mut batch, MAX_BATCH) => {
                    if batch.is_empty() {
                        break; // every publisher is gone
                    }
                    self.broadcast(std::mem::take(&mut batch)).await;
                }
                Some(news) = self.from_others.recv() => {
                    // Marking and relaying are the sender's business.
                    self.emit_all(news.body).await;
                }
                () = sleep_until(self.next_frame), if !self.conflater.is_empty() => {
                    self.send_frame().await;
                }
                _ = sweep.tick() => self.sweep().await,
                _ = round.tick() => self.tell_progress().await,
            }
        }
        self.io.close().await;
    }

    async fn broadcast(&mut self, batch: Vec<Committed>) {
        let sent: Vec<_> = batch.iter().map(|change| change.event_id).collect();
        let orders = batch.iter().map(|change| Order::from(&change.order));
        self.announce(orders.collect()).await;
        if let Err(error) = self.mark(&sent).await {
            warn!(%error, "could not mark changes as broadcast; they will be sent again");
        }
    }

    /// Tells this instance's clients, and the other instances.
    async fn announce(&mut self, orders: Vec<Order>) {
        if let Some(relay) = &self.relay {
            relay.send(orders.clone());
        }
        self.emit_all(orders).await;
    }

    async fn emit_all(&mut self, orders: Vec<Order>) {
        for order in orders {
            self.emit(ROOM, ORDER_SYNCED, &order).await;
            self.conflater.add(order);
        }
        // An idle desk hears at once; a busy one, every interval.
        if Instant::now() >= self.next_frame {
            self.send_frame().await;
        }
    }

    async fn send_frame(&mut self) {
        let orders = self.conflater.take(MAX_FRAME);
        self.next_frame = Instant::now() + Duration::from_millis(BATCH_INTERVAL_MS);
        // Wrapped once more, since a bare list would become several arguments.
        self.emit(BATCH_ROOM, ORDERS_SYNCED, &[orders]).await;
    }

    async fn tell_progress(&mut self) {
        match changes::cursor_now(&self.db).await {
            Ok(cursor) => {
                if let Some(cursor) = self.progress.advance(cursor) {
                    self.emit(CURSOR_ROOM, CURSOR, &cursor).await;
                }
            }
            Err(error) => tracing::debug!(%error, "could not read the cursor"),
        }
    }

    async fn emit(&self, room: &'static str, event: &str, data: &impl Serialize) {
        let Some(namespace) = self.io.of(NAMESPACE) else {
            return;
        };
        // A slow client's full buffer is reported here; it catches up by itself.
        if let Err(error) = namespace.to(room).emit(event, data).await {
            tracing::debug!(%error, "some clients did not get a frame");
        }
    }

    async fn mark(&self, events: &[uuid::Uuid]) -> Result<(), sea_orm::DbErr> {
        let tx = self.db.begin_write().await?;
        store::mark_broadcast(&tx, events).await?;
        tx.commit().await
    }

    /// Broadcasts what was committed but never sent, until nothing is left.
    async fn sweep(&mut self) {
        loop {
            match self.sweep_batch().await {
                Ok(found) if found < MAX_BATCH => return,
                Ok(_) => {}
                Err(error) => {
                    warn!(%error, "could not sweep the outbox");
                    return;
                }
            }
        }
    }

    async fn sweep_batch(&mut self) -> Result<usize, sea_orm::DbErr> {
        let before = now() - LOST_AFTER;
        let unsent = store::unsent(self.db.read(), before, MAX_BATCH as u64).await?;
        if unsent.events.is_empty() {
            return Ok(0);
        }
        info!(
            changes = unsent.events.len(),
            "broadcasting changes that were never sent"
        );
        let orders: Vec<_> = unsent.orders.iter().map(Order::from).collect();
        self.announce(orders).await;
        self.mark(&unsent.events).await?;
        Ok(unsent.events.len())
    }
}
