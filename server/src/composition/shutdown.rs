//! Stops the server step by step, so that clients receive every change: first open requests
//! finish, then running jobs, and then the last changes are broadcast and sockets close.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

/// How long open requests may take to finish.
const REQUESTS_TIMEOUT: Duration = Duration::from_secs(8);

/// How long running jobs may then take to finish.
const JOBS_TIMEOUT: Duration = Duration::from_secs(6);

/// How long everything else may then take.
const END_TIMEOUT: Duration = Duration::from_secs(4);

/// The stages of a shutdown, in their order.
#[derive(Debug, Clone)]
pub(super) struct Stages {
    /// No new requests and jobs are accepted.
    pub stop: CancellationToken,
    /// No job is running any more.
    pub idle: CancellationToken,
    /// No request and no job can change anything any more: the last changes are broadcast,
    /// and sockets close.
    pub closing: CancellationToken,
}

impl Stages {
    /// Stages that begin `notice` after `requested`. In between `draining` is set, so that
    /// a balancer can send its requests to other instances.
    pub fn new(requested: CancellationToken, notice: Duration, draining: &Arc<AtomicBool>) -> Self {
        let stages = Self {
            stop: CancellationToken::new(),
            idle: CancellationToken::new(),
            closing: CancellationToken::new(),
        };
        let (draining, stop) = (draining.clone(), stages.stop.clone());
        tokio::spawn(async move {
            requested.cancelled().await;
            draining.store(true, Ordering::Relaxed);
            tokio::time::sleep(notice).await;
            stop.cancel();
        });
        stages
    }
}

/// Runs until the server has stopped, or the background tasks have failed.
///
/// The server ends after `stop`, when its open requests are answered; before that, only a
/// failure in the background ends it.
pub(super) async fn run_until_stopped(
    server: impl Future<Output = ()>,
    background: JoinHandle<anyhow::Result<()>>,
    stages: &Stages,
) -> anyhow::Result<()> {
    let mut background = std::pin::pin!(background);
    let mut server = std::pin::pin!(finish_requests(server, &stages.stop));
    tokio::select! {
        () = &mut server => {
            let _ = timeout(JOBS_TIMEOUT, stages.idle.cancelled()).await;
            stages.closing.cancel();
            if timeout(END_TIMEOUT, background).await.is_err() {
                warn!("some work did not finish in time; it will be repeated");
            }
        }
        ended = &mut background => {
            let result = ended.context("background tasks")?;
            stages.stop.cancel();
            stages.closing.cancel();
            server.await;
            result?;
        }
    }
    info!("stopped");
    Ok(())
}

/// Waits for the server. After `stop` the time is limited, because an open socket must not
/// keep the process running.
async fn finish_requests(server: impl Future<Output = ()>, stop: &CancellationToken) {
    let time_limit = async {
        stop.cancelled().await;
        tokio::time::sleep(REQUESTS_TIMEOUT).await;
    };
    tokio::select! {
        () = server => {}
        () = time_limit => {}
    }
}
