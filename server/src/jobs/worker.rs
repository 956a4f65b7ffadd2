//! Runs jobs: one apalis worker, [`CONCURRENCY`] jobs at a time.

use std::sync::Arc;
use std::time::Duration;

use apalis::prelude::{BackendExt, Data, Monitor, ParallelizeExt, WorkerBuilder, WorkerBuilderExt};
use tokio_stream::wrappers::WatchStream;
use tokio_util::sync::CancellationToken;
use tracing::warn;
use uuid::Uuid;

use super::process::{Processor, process_job};
use super::queue::{Backend, JobQueue};
use super::wake::WakeUp;
use super::{CONCURRENCY, DeliveryJob};

/// A worker whose queue failed starts again after this long.
const RESTART_PAUSE: Duration = Duration::from_secs(1);

/// How long running jobs may take to finish at shutdown. What does not make it
/// is run again elsewhere.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(12);

/// apalis spells out every layer in a worker's type, so what is the same code
/// for both backends cannot be one function.
macro_rules! run_workers {
    ($storage:expr, $queue:expr, $processor:expr, $shutdown:expr) => {{
        let (storage, queue, processor) = ($storage, $queue, $processor);
        // To apalis a name is an identity, and it takes a while to free one:
        // unique per process and per restart.
        let base = Uuid::now_v7();
        let monitor = Monitor::new()
            .register(move |restarts| {
                let wake_up = WakeUp::new(WatchStream::from_changes(queue.pushed.subscribe()));
                let backend = storage
                    .clone()
                    .before_start(move |_| async move {
                        if restarts > 0 {
                            tokio::time::sleep(RESTART_PAUSE).await;
                        }
                        Ok(())
                    })
                    .poll_with_strategy(wake_up);
                WorkerBuilder::new(format!("{base}-{restarts}"))
                    .backend(backend)
                    .data(Arc::clone(&processor))
                    .concurrency(CONCURRENCY)
                    .parallelize(tokio::spawn)
                    .build(handle)
            })
            .should_restart(|_, error| {
                warn!(%error, "the worker lost its queue and will restart");
                true
            })
            .shutdown_timeout(SHUTDOWN_TIMEOUT);
        let result = monitor
            .run_with_signal(async move {
                $shutdown.cancelled().await;
                Ok(())
            })
            .await;
        if let Err(error) = result {
            warn!(%error, "workers did not stop cleanly");
        }
    }};
}

/// Works until shut down, then finishes what is running.
pub async fn run(queue: JobQueue, processor: Arc<Processor>, shutdown: CancellationToken) {
    while !shutdown.is_cancelled() {
        let (queue, processor, stop) = (queue.clone(), Arc::clone(&processor), shutdown.clone());
        match queue.backend.clone() {
            Backend::Redis { storage, .. } => run_workers!(storage, queue, processor, stop),
            Backend::Embedded { storage, .. } => run_workers!(storage, queue, processor, stop),
        }
        if !shutdown.is_cancelled() {
            warn!("workers stopped by themselves; starting them again");
            tokio::time::sleep(RESTART_PAUSE).await;
        }
    }
}

/// Never fails: outcomes are recorded in the inbox, and a job that apalis
/// considers failed would be retried by rules of its own.
async fn handle(job: DeliveryJob, processor: Data<Arc<Processor>>) {
    process_job(&processor, &job).await;
}
