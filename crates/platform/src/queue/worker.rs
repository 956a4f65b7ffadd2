//! Runs jobs: one apalis worker per queue, with [`Job::CONCURRENCY`] jobs at a time.

use std::sync::Arc;
use std::time::Duration;

use apalis::prelude::{BackendExt, Data, Monitor, ParallelizeExt, WorkerBuilder, WorkerBuilderExt};
use async_trait::async_trait;
use tokio_stream::wrappers::WatchStream;
use tokio_util::sync::CancellationToken;
use tracing::warn;
use uuid::Uuid;

use super::wake::WakeUp;
use super::{Backend, Job, JobQueue};

/// Runs jobs of one kind. It returns no error: the outcome is stored in the database, and
/// apalis would repeat a failed job by rules of its own.
#[async_trait]
pub trait JobHandler<J>: Send + Sync + 'static {
    /// Runs a job.
    async fn handle(&self, job: J);
}

/// The pause before a worker whose queue failed is started again.
const RESTART_PAUSE: Duration = Duration::from_secs(1);

/// How long running jobs may take to finish at shutdown. Other instances repeat those that
/// have not finished by then.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(12);

/// The type of an apalis worker contains all of its layers, so the same code for both
/// backends cannot be one function.
macro_rules! run_workers {
    ($job:ty, $storage:expr, $queue:expr, $handler:expr, $shutdown:expr) => {{
        let (storage, queue, handler) = ($storage, $queue, $handler);
        // apalis identifies workers by name, and a name stays taken for a while, so it
        // must be unique per process and per restart.
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
                    .data(Arc::clone(&handler))
                    .concurrency(<$job>::CONCURRENCY)
                    .parallelize(tokio::spawn)
                    .build(handle::<$job>)
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

/// Runs jobs until shutdown, then finishes those that are running.
pub async fn run<J: Job>(
    queue: JobQueue<J>,
    handler: Arc<dyn JobHandler<J>>,
    shutdown: CancellationToken,
) {
    while !shutdown.is_cancelled() {
        let (queue, handler, stop) = (queue.clone(), Arc::clone(&handler), shutdown.clone());
        match queue.backend.clone() {
            Backend::Redis { storage, .. } => run_workers!(J, storage, queue, handler, stop),
            Backend::Embedded { storage, .. } => run_workers!(J, storage, queue, handler, stop),
        }
        if !shutdown.is_cancelled() {
            warn!("workers stopped unexpectedly; starting them again");
            tokio::time::sleep(RESTART_PAUSE).await;
        }
    }
}

async fn handle<J: Job>(job: J, handler: Data<Arc<dyn JobHandler<J>>>) {
    handler.handle(job).await;
}
