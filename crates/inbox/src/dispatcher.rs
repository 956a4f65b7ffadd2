//! Hands deliveries to the queue.
//!
//! Two sources: the inbox reports what it just committed, and a sweep finds
//! what is due in the database: retries, work that did not fit the queue, and
//! work whose job was lost (a crash, Redis away). Outstanding jobs are bounded:
//! apalis-redis jams for good above some 8,000 due jobs.
//!
//! What is accepted while jobs run goes into the next job together. An idle server
//! dispatches at once.

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
use crate::{DeliveryJob, LEASE};

/// Jobs that may wait in the queue; the rest waits in the inbox. Full jobs, one
/// after the other, must be done well before their claims run out.
const MAX_OUTSTANDING: usize = 100;

/// Deliveries in one job, at most.
const MAX_PER_JOB: usize = 200;

/// Fewer are not worth a job of their own.
const MIN_PER_JOB: usize = 50;

/// With this many jobs running, more would only wait for each other: one works,
/// and one waits for the disk.
const ENOUGH_RUNNING: usize = 2;

/// How long deliveries are gathered at most, while jobs run: one that hangs
/// holds nothing up.
const GATHER: Duration = Duration::from_millis(50);

/// Commits of the inbox that may wait to be dispatched.
const MAX_COMMITS: usize = 256;

/// Deliveries claimed by one sweep.
const SWEEP: u64 = 500;

/// How often to look for due deliveries: the precision of a retry's pause.
const SWEEP_INTERVAL: Duration = Duration::from_millis(250);

/// How often finished jobs are dropped from the queue.
const CLEAN_INTERVAL: Duration = Duration::from_secs(10);

/// The group commit's handle on the dispatcher; cheap to clone.
#[derive(Clone, Debug)]
pub struct DispatchHandle {
    accepted: Batcher<Vec<Uuid>>,
    room: Arc<AtomicBool>,
}

impl DispatchHandle {
    /// New work will be queued at once, rather than wait for a sweep.
    pub fn has_room(&self) -> bool {
        self.room.load(Ordering::Relaxed)
    }

    /// Reports committed deliveries. Never blocks; `false` when they did not
    /// fit and are left to a sweep.
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
    /// Jobs waiting in the queue when last asked, plus those pushed since.
    outstanding: usize,
    /// Do not trouble a failing queue before this time.
    quiet_until: Instant,
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
            quiet_until: Instant::now(),
        };
        (dispatcher, handle)
    }

    /// Runs until shut down. What is dispatched no more stays in the inbox.
    pub async fn run(mut self, shutdown: CancellationToken) {
        let mut sweep = interval(SWEEP_INTERVAL);
        sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut clean = interval(CLEAN_INTERVAL);
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

    /// Queues what the inbox just committed.
    async fn accept(&mut self, mut commits: Vec<Vec<Uuid>>) {
        self.in_flight.until_below(ENOUGH_RUNNING, GATHER).await;
        self.accepted.fill(&mut commits);
        let ids = commits.concat();
        // Its claim runs out by itself should this fail.
        if let Err(error) = self.push(&ids).await {
            self.back_off(&error);
            self.release(&ids).await;
        }
    }

    /// Queues what is due in the database, as long as there is room.
    async fn sweep(&mut self) {
        if Instant::now() < self.quiet_until {
            return;
        }
        loop {
            // Asked anew every time: other instances push, too.
            match self.queue.depth().await {
                Ok(depth) => self.outstanding = depth,
                Err(error) => return self.back_off(&error),
            }
            if !self.update_room() {
                return;
            }
            let until = now() + LEASE;
            let due = match store::claim_due(&self.db, SWEEP, until).await {
                Ok(due) => due,
                Err(error) => {
                    warn!(%error, "could not look for due deliveries");
                    self.quiet_until = Instant::now() + Duration::from_secs(1);
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
        // Many are spread over all workers; few stay together.
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
        self.quiet_until = Instant::now() + Duration::from_secs(1);
    }

    /// Gives claims back, so that the next sweep finds them.
    async fn release(&self, ids: &[Uuid]) {
        if let Err(error) = store::postpone(&self.db, ids, now()).await {
            warn!(%error, deliveries = ids.len(), "claims will run out by themselves");
        }
    }
}
