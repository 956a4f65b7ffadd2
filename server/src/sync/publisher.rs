//! Tells dashboards what was committed.
//!
//! `order_events` doubles as the outbox: an entry is marked once it was
//! broadcast, and a sweep broadcasts what was committed but never marked (a
//! crash in between, or an overflowing queue). So a change may be sent twice,
//! never not at all; clients drop versions they already have.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::wire::Order;
use domain::wire::sync::{
    BATCH_INTERVAL_MS, BATCH_ROOM, CURSOR, CURSOR_ROOM, ORDER_SYNCED, ORDERS_SYNCED, ROOM,
};
use metrics::{counter, histogram};
use socketioxide::SocketIo;
use tokio::sync::mpsc;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, sleep, sleep_until};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use uuid::Uuid;

use super::MAX_CLIENT_BACKLOG;
use super::clients::Clients;
use super::conflate::Conflater;
use super::lines::Lines;
use super::marker::Marker;
use super::progress::{Evidence, Progress, ROUND};
use super::relay::{Relay, SILENCE};
use super::tell::tell;
use crate::db::{Db, now};
use crate::orders::changes;
use crate::orders::store::{self, Committed, Origin};
use crate::telemetry::metrics::names;
use crate::telemetry::traces;

/// Changes that may wait to be broadcast; more are left to the sweep.
const MAX_WAITING: usize = 10_000;

/// Changes broadcast in one go.
const MAX_BATCH: usize = 500;

/// Orders in one `ORDERS_SYNCED` frame.
const MAX_FRAME: usize = 500;

/// Single frames emitted in one go, and the pause after them: clients that read
/// must get to it before what waits for them is too much.
const BURST: usize = MAX_CLIENT_BACKLOG / 4;
const BREATH: Duration = Duration::from_millis(2);

/// How often the outbox is swept, and how old an entry must be to count as lost:
/// together less than the five seconds a client may be behind when an instance
/// ends with something unsaid.
const SWEEP_INTERVAL: Duration = Duration::from_millis(1_500);
const LOST_AFTER: Duration = Duration::from_secs(3);

/// A change is as old as the beginning of its transaction; clocks differ, too.
const LONGEST_TRANSACTION: TimeDelta = TimeDelta::seconds(30);

/// The relay to other instances, and what they send.
pub type Others = (Relay<Vec<Order>>, mpsc::Receiver<(Uuid, Vec<Order>)>);

/// Takes committed changes; cheap to clone, never blocks.
#[derive(Clone, Debug)]
pub struct Publisher {
    queue: mpsc::Sender<Committed>,
}

impl Publisher {
    /// A publisher, and the task behind it.
    pub fn new(
        db: Db,
        (io, lines): (SocketIo, Lines),
        clients: Clients,
        others: Option<Others>,
    ) -> (Self, Broadcasts) {
        let (relay, from_others) = others.unzip();
        let (queue, committed) = mpsc::channel(MAX_WAITING);
        let silence = relay.as_ref().map_or(Duration::ZERO, |_| SILENCE);
        let broadcasts = Broadcasts {
            progress: Progress::new(LOST_AFTER, silence),
            swept: None,
            idle: Instant::now(),
            marker: Marker::start(db.clone()),
            db,
            io,
            lines,
            clients,
            relay,
            missed: None,
            from_others: from_others.unwrap_or_else(|| mpsc::channel(1).1),
            committed,
            conflater: Conflater::default(),
            next_frame: Instant::now(),
        };
        (Self { queue }, broadcasts)
    }

    /// Broadcasts committed changes soon. Call only after the commit.
    pub fn publish(&self, changes: impl IntoIterator<Item = Committed>) {
        for change in changes {
            // Too many: the outbox remembers.
            let _ = self.queue.try_send(change);
        }
    }
}

/// The task that broadcasts.
#[derive(Debug)]
pub struct Broadcasts {
    db: Db,
    io: SocketIo,
    lines: Lines,
    clients: Clients,
    relay: Option<Relay<Vec<Order>>>,
    marker: Marker,
    /// What others did since could not be looked up yet.
    missed: Option<DateTime<Utc>>,
    from_others: mpsc::Receiver<(Uuid, Vec<Order>)>,
    committed: mpsc::Receiver<Committed>,
    conflater: Conflater,
    progress: Progress,
    /// When the last sweep that left nothing began.
    swept: Option<Instant>,
    /// When last nothing was waiting to be told.
    idle: Instant,
    next_frame: Instant,
}

impl Broadcasts {
    /// Runs until `closing`: when nobody changes anything any more. Says its last
    /// words, and closes all sockets.
    pub async fn run(mut self, closing: CancellationToken) {
        let (mut sweep, mut round) = (every(SWEEP_INTERVAL), every(ROUND));
        let mut batch = Vec::with_capacity(MAX_BATCH);
        loop {
            tokio::select! {
                () = closing.cancelled() => break,
                _ = self.committed.recv_many(&mut batch, MAX_BATCH) => {
                    if batch.is_empty() {
                        break; // every publisher is gone
                    }
                    self.broadcast(std::mem::take(&mut batch)).await;
                }
                since = gap(self.relay.clone()) => self.catch_up(since).await,
                Some((_, orders)) = self.from_others.recv() => {
                    // Marking and relaying are the sender's business.
                    self.emit_all(orders).await;
                }
                () = sleep_until(self.next_frame), if !self.conflater.is_empty() => {
                    self.send_frame().await;
                }
                _ = sweep.tick() => self.sweep().await,
                _ = round.tick() => self.tell_progress().await,
            }
            let waiting = self.committed.len() + self.from_others.len();
            if waiting == 0 && self.conflater.is_empty() {
                self.idle = Instant::now();
            }
        }
        while let Ok(change) = self.committed.try_recv() {
            batch.push(change);
        }
        self.broadcast(batch).await;
        if !self.conflater.is_empty() {
            self.send_frame().await;
        }
        self.io.close().await;
        if let Some(relay) = self.relay {
            relay.finish().await;
        }
        self.marker.finish().await;
    }

    async fn broadcast(&mut self, batch: Vec<Committed>) {
        let sent: Vec<_> = batch.iter().map(|change| change.event_id).collect();
        let orders = batch.iter().map(|change| Order::from(&change.order));
        let origins: Vec<_> = batch.iter().filter_map(|change| change.origin).collect();
        let spans = traces::spans("broadcast", origins.iter().map(|origin| origin.delivery_id));
        self.announce(orders.collect()).await;
        drop(spans);
        measure(batch.len(), &origins);
        self.marker.mark(sent);
    }

    /// Tells this instance's clients, and the other instances.
    async fn announce(&mut self, orders: Vec<Order>) {
        if let Some(relay) = &self.relay {
            relay.send(orders.clone());
        }
        self.emit_all(orders).await;
    }

    async fn emit_all(&mut self, orders: Vec<Order>) {
        let (single, batched) = (self.clients.any_in(ROOM), self.clients.any_in(BATCH_ROOM));
        for (number, order) in orders.into_iter().enumerate() {
            if single {
                if number % BURST == BURST - 1 {
                    sleep(BREATH).await;
                }
                tell((&self.io, &self.lines), ROOM, ORDER_SYNCED, &order).await;
            }
            if batched {
                self.conflater.add(order);
            }
        }
        // An idle desk hears at once; a busy one, every interval.
        if !self.conflater.is_empty() && Instant::now() >= self.next_frame {
            self.send_frame().await;
        }
    }

    async fn send_frame(&mut self) {
        let orders = self.conflater.take(MAX_FRAME);
        self.next_frame = Instant::now() + Duration::from_millis(BATCH_INTERVAL_MS);
        // Wrapped once more, since a bare list would become several arguments.
        tell(
            (&self.io, &self.lines),
            BATCH_ROOM,
            ORDERS_SYNCED,
            &[orders],
        )
        .await;
    }

    async fn tell_progress(&mut self) {
        if let Some(since) = self.missed.take() {
            self.catch_up(since).await;
        }
        if self.relay.as_ref().is_some_and(|relay| !relay.listening()) {
            return self.progress.hold();
        }
        let at = Instant::now();
        match changes::cursor_now(&self.db).await {
            Ok(cursor) => {
                self.progress.read(at, cursor);
                let evidence = Evidence {
                    now: Instant::now(),
                    swept: self.swept,
                    idle: self.idle,
                };
                if let Some(cursor) = self.progress.covered(evidence) {
                    tell((&self.io, &self.lines), CURSOR_ROOM, CURSOR, &cursor).await;
                }
            }
            Err(error) => tracing::debug!(%error, "could not read the cursor"),
        }
    }

    /// Tells this instance's clients what others may have told while nobody
    /// listened: every order that changed since then.
    async fn catch_up(&mut self, since: DateTime<Utc>) {
        // Meanwhile nothing counts as told.
        self.progress.hold();
        let since = since - LONGEST_TRANSACTION;
        let mut last = None;
        loop {
            // What waits for a frame stays bounded.
            while self.conflater.len() >= MAX_FRAME {
                sleep_until(self.next_frame).await;
                self.send_frame().await;
            }
            let page = store::changed_since(self.db.read(), since, last, MAX_BATCH as u64).await;
            match page {
                Ok(orders) => {
                    let Some(end) = orders.last() else { return };
                    last = Some((end.updated_at, end.id));
                    self.emit_all(orders.iter().map(Order::from).collect())
                        .await;
                }
                Err(error) => {
                    warn!(%error, "could not look up what other instances did; trying again");
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
        // Before the next look at what was never sent.
        store::mark_broadcast(&self.db, &unsent.events).await?;
        Ok(unsent.events.len())
    }
}

/// Ticks, at least this far apart: after a while asleep, what came in meanwhile
/// has not been told either.
fn every(period: Duration) -> Interval {
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// How long it took from the shop, and from our door, to the dashboards.
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

/// Waits for a gap in the news of others; for ever where there are no others.
async fn gap(relay: Option<Relay<Vec<Order>>>) -> DateTime<Utc> {
    match relay {
        Some(relay) => relay.gap().await,
        None => std::future::pending().await,
    }
}
