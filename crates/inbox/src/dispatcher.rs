//! Dispatches deliveries: puts jobs with their ids into the queue.
//!
//! Deliveries come from two sources. The group commit reports those that it has just
//! committed, and a sweep finds those that are due in the database: retries, deliveries
//! that did not fit the queue, and deliveries whose job was lost in a crash or in an
//! outage of Redis. The number of outstanding jobs is limited, because apalis-redis
//! stops working for good above some 8,000 due jobs.
//!
//! Deliveries that are accepted while jobs run are put into the next job together. A
//! server without running jobs dispatches at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use platform::batcher::{Batcher, Batches, batcher};
use platform::db::{Db, now};
use platform::queue::{Job, JobQueue, QueueError};
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use uuid::Uuid;

use crate::deliveries::store;
use crate::in_flight::InFlight;
use crate::job::{DeliveryJob, LEASE};

/// Jobs that may wait in the queue; other deliveries wait in the inbox. This many full
/// jobs must be done well before their claims expire.
const MAX_OUTSTANDING: usize = 100;

/// The most deliveries in one job.
const MAX_PER_JOB: usize = 200;

/// The fewest deliveries that are worth a separate job.
const MIN_PER_JOB: usize = 50;

/// While this many jobs run, another would only wait for them: one of them computes,
/// and one waits for the disk.
const ENOUGH_RUNNING: usize = 2;

/// The longest time for which deliveries are gathered while jobs run, so that a job that
/// hangs does not delay them further.
const MAX_GATHER: Duration = Duration::from_millis(50);

/// Commits of the inbox that may wait to be dispatched.
const MAX_COMMITS: usize = 256;

/// Deliveries claimed by one step of a sweep.
const SWEEP_BATCH: u64 = 500;

/// The time between two sweeps; a retry is late by at most this much.
const SWEEP_INTERVAL: Duration = Duration::from_millis(250);

/// How often finished jobs are dropped from the queue.
const CLEANUP_INTERVAL: Duration = Duration::from_secs(10);

/// The group commit's handle on the dispatcher; cheap to clone.
#[derive(Clone, Debug)]
pub struct DispatchHandle {
    accepted: Batcher<Vec<Uuid>>,
    room: Arc<AtomicBool>,
}

impl DispatchHandle {
    /// Whether committed deliveries will be queued at once instead of by a later sweep.
    pub fn has_room(&self) -> bool {
        self.room.load(Ordering::Relaxed)
    }

    /// Reports committed deliveries. Never blocks; `false` if there was no room for
    /// them, so that a sweep has to find them.
    pub fn dispatch(&self, ids: Vec<Uuid>) -> bool {
        let fits = self.accepted.try_add(ids).is_ok();
        if !fits {
            self.room.store(false, Ordering::Relaxed);
        }
        fits
    }
}

/// The task that feeds the queue.
#[derive(Debug)]
pub struct Dispatcher {
    db: Db,
    queue: JobQueue<DeliveryJob>,
    in_flight: InFlight,
    accepted: Batches<Vec<Uuid>>,
    room: Arc<AtomicBool>,
    /// Jobs waiting in the queue when its depth was last read, plus those pushed since.
    outstanding: usize,
    /// After a failure there is no sweep before this time.
    backoff_until: Instant,
}

impl Dispatcher {
    /// A dispatcher, and the group commit's handle on it.
    pub fn new(
        db: Db,
        queue: JobQueue<DeliveryJob>,
        in_flight: InFlight,
    ) -> (Self, DispatchHandle) {
        let (sender, accepted) = batcher(MAX_COMMITS, MAX_COMMITS);
        let room = Arc::new(AtomicBool::new(true));
        let handle = DispatchHandle {
            accepted: sender,
            room: Arc::clone(&room),
        };
        let dispatcher = Self {
            db,
            queue,
            in_flight,
            accepted,
            room,
            outstanding: 0,
            backoff_until: Instant::now(),
        };
        (dispatcher, handle)
    }

    /// Runs until shut down. Deliveries that were not dispatched by then stay in the
    /// inbox, where the next process or another instance finds them.
    pub async fn run(mut self, shutdown: CancellationToken) {
        let mut sweep = interval(SWEEP_INTERVAL);
        sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut clean = interval(CLEANUP_INTERVAL);
        clean.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                Some(commits) = self.accepted.next() => self.accept(commits).await,
                _ = sweep.tick() => self.sweep().await,
                _ = clean.tick() => {
                    if let Err(error) = self.queue.forget_finished().await {
                        warn!(%error, "could not drop finished jobs");
                    }
                }
            }
        }
    }

    /// Queues deliveries that were just committed.
    async fn accept(&mut self, mut commits: Vec<Vec<Uuid>>) {
        self.in_flight.wait_below(ENOUGH_RUNNING, MAX_GATHER).await;
        self.accepted.fill(&mut commits);
        let ids = commits.concat();
        // If this fails and the release fails too, the claims expire.
        if let Err(error) = self.push(&ids).await {
            self.back_off(&error);
            self.release(&ids).await;
        }
    }

    /// Queues deliveries that are due in the database, as long as there is room.
    async fn sweep(&mut self) {
        if Instant::now() < self.backoff_until {
            return;
        }
        loop {
            // Read again each time, because other instances push jobs too.
            match self.queue.depth().await {
                Ok(depth) => self.outstanding = depth,
                Err(error) => return self.back_off(&error),
            }
            if !self.update_room() {
                return;
            }
            let until = now() + LEASE;
            let due = match store::claim_due(&self.db, SWEEP_BATCH, until).await {
                Ok(due) => due,
                Err(error) => {
                    warn!(%error, "could not look for due deliveries");
                    self.backoff_until = Instant::now() + Duration::from_secs(1);
                    return;
                }
            };
            if due.is_empty() {
                return;
            }
            info!(deliveries = due.len(), "dispatching due deliveries");
            if let Err(error) = self.push(&due).await {
                self.back_off(&error);
                self.release(&due).await;
                return;
            }
        }
    }

    async fn push(&mut self, ids: &[Uuid]) -> Result<(), QueueError> {
        // Many deliveries are spread over all workers; few stay in one job.
        let per_job = ids.len().div_ceil(DeliveryJob::CONCURRENCY);
        let per_job = per_job.clamp(MIN_PER_JOB, MAX_PER_JOB);
        let jobs: Vec<_> = ids
            .chunks(per_job)
            .map(|ids| DeliveryJob {
                delivery_ids: ids.to_vec(),
            })
            .collect();
        self.outstanding += jobs.len();
        self.update_room();
        self.queue.push(jobs).await
    }

    fn update_room(&self) -> bool {
        let room = self.outstanding < MAX_OUTSTANDING;
        self.room.store(room, Ordering::Relaxed);
        room
    }

    fn back_off(&mut self, error: &QueueError) {
        warn!(%error, "the queue is away; deliveries wait in the inbox");
        self.room.store(false, Ordering::Relaxed);
        self.backoff_until = Instant::now() + Duration::from_secs(1);
    }

    /// Releases claims, so that the next sweep finds the deliveries.
    async fn release(&self, ids: &[Uuid]) {
        if let Err(error) = store::postpone(&self.db, ids, now()).await {
            warn!(%error, deliveries = ids.len(), "the claims were not released and will expire");
        }
    }
}
