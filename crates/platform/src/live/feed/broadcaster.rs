//! Broadcasts what was committed.
//!
//! The table of changes doubles as the outbox: an entry is marked once it was
//! broadcast, and a sweep broadcasts what was committed but never marked (after a
//! crash in between, or when the queue overflowed). So a change may be sent twice, but
//! never not at all; clients drop versions that they already have.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use metrics::{counter, histogram};
use sea_orm::DbErr;
use tokio::sync::mpsc;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, sleep, sleep_until};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};
use uuid::Uuid;

use super::conflate::Conflater;
use super::outbox_marker::OutboxMarker;
use super::watermark::{BroadcastState, ROUND, Watermark};
use super::{Committed, Feed, Origin, changes};
use crate::batcher::{Batcher, Batches, batcher};
use crate::db::{Db, now};
use crate::live::clients::Clients;
use crate::live::emit::Emitter;
use crate::live::relay::{Relay, SILENCE};
use crate::live::socket::MAX_CLIENT_BACKLOG;
use crate::metric_names as names;
use crate::telemetry::traces;

/// Changes that may wait to be broadcast; more are left to the sweep.
const MAX_WAITING: usize = 10_000;

/// Changes broadcast in one go.
const MAX_BATCH: usize = 500;

/// Items in one frame.
const MAX_FRAME: usize = 500;

/// At least this long between two frames, so that a client draws at its own pace.
const FRAME_INTERVAL: Duration = Duration::from_millis(50);

/// Single events sent in one go, and the pause after them, so that clients that read
/// make room before too much waits for them.
const BURST: usize = MAX_CLIENT_BACKLOG / 4;
const PAUSE_AFTER_BURST: Duration = Duration::from_millis(2);

/// How often the outbox is swept, and how old an entry must be to count as lost:
/// together less than the five seconds a client may be behind when an instance
/// ends before it has sent everything.
const SWEEP_INTERVAL: Duration = Duration::from_millis(1_500);
const LOST_AFTER: Duration = Duration::from_secs(3);

/// A change is as old as the beginning of its transaction; clocks differ, too.
const LONGEST_TRANSACTION: TimeDelta = TimeDelta::seconds(30);

/// The relay to other instances, and what arrives from them.
pub type Relayed<T> = (Relay<Vec<T>>, mpsc::Receiver<(Uuid, Vec<T>)>);

/// Takes committed changes; cheap to clone, never blocks.
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
    /// A publisher, and the task behind it.
    pub fn new(
        db: Db,
        emitter: Emitter,
        clients: Clients,
        relayed: Option<Relayed<F::Item>>,
    ) -> (Self, Broadcaster<F>) {
        let (relay, from_others) = relayed.unzip();
        let (queue, committed) = batcher(MAX_WAITING, MAX_BATCH);
        let silence = relay.as_ref().map_or(Duration::ZERO, |_| SILENCE);
        let broadcaster = Broadcaster {
            watermark: Watermark::new(LOST_AFTER, silence),
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
            // Too many: the outbox keeps them.
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
    /// Changes of other instances since then could not be looked up yet.
    missed: Option<DateTime<Utc>>,
    from_others: mpsc::Receiver<(Uuid, Vec<F::Item>)>,
    committed: Batches<Committed<F::State>>,
    conflater: Conflater<F>,
    watermark: Watermark,
    /// When the last sweep that left nothing began.
    swept: Option<Instant>,
    /// When last nothing was waiting to be broadcast.
    idle: Instant,
    next_frame: Instant,
}

impl<F: Feed> Broadcaster<F> {
    /// Runs until `closing`, when nothing changes any more. Sends what is left, and
    /// closes all sockets.
    pub async fn run(mut self, closing: CancellationToken) {
        let (mut sweep, mut round) = (every(SWEEP_INTERVAL), every(ROUND));
        loop {
            tokio::select! {
                () = closing.cancelled() => break,
                batch = self.committed.next() => match batch {
                    Some(batch) => self.broadcast(batch).await,
                    None => break, // every publisher is gone
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
                _ = round.tick() => self.send_watermark().await,
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
        let sent: Vec<_> = batch.iter().map(|change| change.event_id).collect();
        let items = batch.iter().map(|change| F::item(&change.state));
        let origins: Vec<_> = batch.iter().filter_map(|change| change.origin).collect();
        let spans = traces::spans("broadcast", origins.iter().map(|origin| origin.delivery_id));
        self.announce(items.collect()).await;
        drop(spans);
        measure(batch.len(), &origins);
        self.marker.mark(sent);
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
        // When little happens a frame goes out at once; otherwise, every interval.
        if !self.conflater.is_empty() && Instant::now() >= self.next_frame {
            self.send_frame().await;
        }
    }

    async fn send_frame(&mut self) {
        let items = self.conflater.take(MAX_FRAME);
        self.next_frame = Instant::now() + FRAME_INTERVAL;
        let rooms = F::ROOMS;
        // Wrapped once more, since a bare list would become several arguments.
        self.emitter
            .emit(rooms.batch, rooms.batch_event, &[items])
            .await;
    }

    async fn send_watermark(&mut self) {
        if let Some(since) = self.missed.take() {
            self.catch_up(since).await;
        }
        if self.relay.as_ref().is_some_and(|relay| !relay.listening()) {
            return self.watermark.hold();
        }
        let at = Instant::now();
        match changes::cursor_now::<F>(&self.db).await {
            Ok(cursor) => {
                self.watermark.read(at, cursor);
                let state = BroadcastState {
                    now: Instant::now(),
                    swept: self.swept,
                    idle: self.idle,
                };
                if let Some(cursor) = self.watermark.covered(state) {
                    let rooms = F::ROOMS;
                    self.emitter
                        .emit(rooms.cursor, rooms.cursor_event, &cursor)
                        .await;
                }
            }
            Err(error) => debug!(%error, "could not read the cursor"),
        }
    }

    /// Sends this instance's clients what other instances may have sent while this one
    /// was not listening: everything that changed since then.
    async fn catch_up(&mut self, since: DateTime<Utc>) {
        // Meanwhile no cursor is covered.
        self.watermark.hold();
        let since = since - LONGEST_TRANSACTION;
        let mut last = None;
        loop {
            // What waits for a frame stays bounded.
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

    /// Broadcasts what was committed but never sent, until nothing is left.
    async fn sweep(&mut self) {
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
        // Before the outbox is looked through again.
        let events: Vec<Uuid> = unsent.iter().map(|unsent| unsent.event_id).collect();
        F::EVENTS.mark_broadcast(&self.db, &events).await?;
        Ok(unsent.len())
    }
}

/// Ticks, at least this far apart: after a pause of the process, what arrived meanwhile
/// has not been sent either.
fn every(period: Duration) -> Interval {
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// How long it took from the channel, and from our door, to the clients.
fn measure(changes: usize, origins: &[Origin]) {
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

/// Waits for a gap in what other instances sent; for ever where there are none.
async fn gap<T: serde::Serialize + serde::de::DeserializeOwned + Send + 'static>(
    relay: Option<Relay<Vec<T>>>,
) -> DateTime<Utc> {
    match relay {
        Some(relay) => relay.gap().await,
        None => std::future::pending().await,
    }
}
