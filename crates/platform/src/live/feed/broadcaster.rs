//! Broadcasts committed changes to clients and to other instances.
//!
//! The table of changes is also the outbox: an entry is marked when it was broadcast, and
//! a sweep broadcasts changes that were committed but never marked (after a crash, or when
//! the queue overflowed). So every change is sent at least once; clients drop versions
//! that they already have.

mod recovery;

use std::time::Duration;

use chrono::{DateTime, Utc};
use metrics::{counter, histogram};
use tokio::sync::mpsc;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, sleep, sleep_until};
use tokio_util::sync::CancellationToken;
use tracing::debug;
use uuid::Uuid;

use super::conflate::Conflater;
use super::outbox_marker::OutboxMarker;
use super::watermark::{BroadcastState, CURSOR_INTERVAL, Watermark};
use super::{ChangeOrigin, Committed, Feed, changes};
use crate::batcher::{Batcher, Batches, batcher};
use crate::db::{Db, now};
use crate::live::clients::Clients;
use crate::live::emit::Emitter;
use crate::live::relay::{RECEIVE_TIMEOUT, Relay};
use crate::live::socket::MAX_CLIENT_BACKLOG;
use crate::metric_names as names;
use crate::telemetry::traces;

/// The most changes that may wait to be broadcast; more are left to the sweep.
const MAX_WAITING: usize = 10_000;

/// The most changes that are broadcast at once.
const MAX_BATCH: usize = 500;

/// The most items in one frame.
const MAX_FRAME: usize = 500;

/// The shortest time between two frames, so that clients have time to draw.
const FRAME_INTERVAL: Duration = Duration::from_millis(50);

/// Single events that are sent at once, and the pause after them, in which clients empty
/// their buffers.
const BURST: usize = MAX_CLIENT_BACKLOG / 4;
const PAUSE_AFTER_BURST: Duration = Duration::from_millis(2);

/// How often the outbox is swept, and how old an unmarked entry must be to count as lost.
/// Together they are less than the five seconds that a client may be behind when an
/// instance crashes before it has sent everything.
const SWEEP_INTERVAL: Duration = Duration::from_millis(1_500);
const LOST_AFTER: Duration = Duration::from_secs(3);

/// The relay to other instances, and the messages that arrive from them.
pub type Relayed<T> = (Relay<Vec<T>>, mpsc::Receiver<(Uuid, Vec<T>)>);

/// Queues committed changes for the broadcaster; cheap to clone, never blocks.
#[derive(Debug)]
pub struct Publisher<F: Feed> {
    queue: Batcher<Committed<F::State>>,
}

impl<F: Feed> Clone for Publisher<F> {
    fn clone(&self) -> Self {
        Self {
            queue: self.queue.clone(),
        }
    }
}

impl<F: Feed> Publisher<F> {
    /// A publisher, and the broadcaster that must be run for it.
    pub fn new(
        db: Db,
        emitter: Emitter,
        clients: Clients,
        relayed: Option<Relayed<F::Item>>,
    ) -> (Self, Broadcaster<F>) {
        let (relay, from_others) = relayed.unzip();
        let (queue, committed) = batcher(MAX_WAITING, MAX_BATCH);
        let receive_timeout = relay.as_ref().map_or(Duration::ZERO, |_| RECEIVE_TIMEOUT);
        let broadcaster = Broadcaster {
            watermark: Watermark::new(LOST_AFTER, receive_timeout),
            swept: None,
            idle: Instant::now(),
            marker: OutboxMarker::start(db.clone(), F::EVENTS),
            db,
            emitter,
            clients,
            relay,
            missed: None,
            from_others: from_others.unwrap_or_else(|| mpsc::channel(1).1),
            committed,
            conflater: Conflater::default(),
            next_frame: Instant::now(),
        };
        (Self { queue }, broadcaster)
    }

    /// Broadcasts committed changes soon. Call only after the commit.
    pub fn publish(&self, changes: impl IntoIterator<Item = Committed<F::State>>) {
        for change in changes {
            // If the queue is full, the sweep broadcasts the change.
            let _ = self.queue.try_add(change);
        }
    }
}

/// The task that broadcasts.
#[derive(Debug)]
pub struct Broadcaster<F: Feed> {
    db: Db,
    emitter: Emitter,
    clients: Clients,
    relay: Option<Relay<Vec<F::Item>>>,
    marker: OutboxMarker,
    /// Changes of other instances since this time could not be looked up yet.
    missed: Option<DateTime<Utc>>,
    from_others: mpsc::Receiver<(Uuid, Vec<F::Item>)>,
    committed: Batches<Committed<F::State>>,
    conflater: Conflater<F>,
    watermark: Watermark,
    /// When the last complete sweep began.
    swept: Option<Instant>,
    /// When the queue of changes was last empty.
    idle: Instant,
    next_frame: Instant,
}

impl<F: Feed> Broadcaster<F> {
    /// Runs until `closing`, when no more changes are made. Then sends the changes that
    /// are left, and closes all sockets.
    pub async fn run(mut self, closing: CancellationToken) {
        let (mut sweep, mut read_cursor) = (every(SWEEP_INTERVAL), every(CURSOR_INTERVAL));
        loop {
            tokio::select! {
                () = closing.cancelled() => break,
                batch = self.committed.next() => match batch {
                    Some(batch) => self.broadcast(batch).await,
                    None => break, // every publisher was dropped
                },
                since = gap(self.relay.clone()) => self.catch_up(since).await,
                Some((_, items)) = self.from_others.recv() => {
                    // The sender marks and relays them.
                    self.emit_all(items).await;
                }
                () = sleep_until(self.next_frame), if !self.conflater.is_empty() => {
                    self.send_frame().await;
                }
                _ = sweep.tick() => self.sweep().await,
                _ = read_cursor.tick() => self.send_watermark().await,
            }
            let waiting = self.committed.waiting() + self.from_others.len();
            if waiting == 0 && self.conflater.is_empty() {
                self.idle = Instant::now();
            }
        }
        self.finish().await;
    }

    async fn finish(mut self) {
        loop {
            let mut batch = Vec::new();
            self.committed.fill(&mut batch);
            if batch.is_empty() {
                break;
            }
            self.broadcast(batch).await;
        }
        if !self.conflater.is_empty() {
            self.send_frame().await;
        }
        self.emitter.io.close().await;
        if let Some(relay) = self.relay {
            relay.finish().await;
        }
        self.marker.finish().await;
    }

    async fn broadcast(&mut self, batch: Vec<Committed<F::State>>) {
        let event_ids: Vec<_> = batch.iter().map(|change| change.event_id).collect();
        let items = batch.iter().map(|change| F::item(&change.state));
        let origins: Vec<_> = batch.iter().filter_map(|change| change.origin).collect();
        let spans = traces::spans("broadcast", origins.iter().map(|origin| origin.delivery_id));
        self.announce(items.collect()).await;
        drop(spans);
        measure(batch.len(), &origins);
        self.marker.mark(event_ids);
    }

    /// Sends to this instance's clients, and to the other instances.
    async fn announce(&mut self, items: Vec<F::Item>) {
        if let Some(relay) = &self.relay {
            relay.send(items.clone());
        }
        self.emit_all(items).await;
    }

    async fn emit_all(&mut self, items: Vec<F::Item>) {
        let rooms = F::ROOMS;
        let single = self.clients.any_in(rooms.single);
        let batched = self.clients.any_in(rooms.batch);
        for (number, item) in items.into_iter().enumerate() {
            if single {
                if number % BURST == BURST - 1 {
                    sleep(PAUSE_AFTER_BURST).await;
                }
                self.emitter
                    .emit(rooms.single, rooms.single_event, &item)
                    .await;
            }
            if batched {
                self.conflater.add(item);
            }
        }
        // After a quiet time a frame is sent at once; otherwise one per interval.
        if !self.conflater.is_empty() && Instant::now() >= self.next_frame {
            self.send_frame().await;
        }
    }

    async fn send_frame(&mut self) {
        let items = self.conflater.take(MAX_FRAME);
        self.next_frame = Instant::now() + FRAME_INTERVAL;
        let rooms = F::ROOMS;
        // An array around the list, because Socket.IO turns a list into several arguments.
        self.emitter
            .emit(rooms.batch, rooms.batch_event, &[items])
            .await;
    }

    async fn send_watermark(&mut self) {
        if let Some(since) = self.missed.take() {
            self.catch_up(since).await;
        }
        if self
            .relay
            .as_ref()
            .is_some_and(|relay| !relay.is_listening())
        {
            return self.watermark.discard_waiting();
        }
        let at = Instant::now();
        match changes::cursor_now::<F>(&self.db).await {
            Ok(cursor) => {
                self.watermark.add(at, cursor);
                let state = BroadcastState {
                    now: Instant::now(),
                    swept: self.swept,
                    idle: self.idle,
                };
                if let Some(cursor) = self.watermark.next_to_send(state) {
                    let rooms = F::ROOMS;
                    self.emitter
                        .emit(rooms.cursor, rooms.cursor_event, &cursor)
                        .await;
                }
            }
            Err(error) => debug!(%error, "could not read the cursor"),
        }
    }
}

/// An interval that is never shorter than `period`. After the process was paused, ticks do
/// not follow each other at once: messages that arrived meanwhile must be sent first.
fn every(period: Duration) -> Interval {
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// Records how long changes took from the channel's event, and from being received, until
/// they were broadcast.
fn measure(changes: usize, origins: &[ChangeOrigin]) {
    counter!(names::BROADCAST).increment(changes as u64);
    let now = now();
    for origin in origins {
        let lag = |since: DateTime<Utc>| (now - since).as_seconds_f64().max(0.0);
        histogram!(names::PROCESSING_LAG).record(lag(origin.received_at));
        if let Some(triggered_at) = origin.triggered_at {
            histogram!(names::BROADCAST_LAG).record(lag(triggered_at));
        }
    }
}

/// Waits for a gap in the messages of other instances; for ever without a relay.
async fn gap<T: serde::Serialize + serde::de::DeserializeOwned + Send + 'static>(
    relay: Option<Relay<Vec<T>>>,
) -> DateTime<Utc> {
    match relay {
        Some(relay) => relay.gap().await,
        None => std::future::pending().await,
    }
}
