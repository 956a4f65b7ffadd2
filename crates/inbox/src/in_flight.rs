//! Counts the jobs that this process runs, so that the dispatcher can wait for one to
//! finish.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

/// Counts running jobs; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct InFlight(watch::Sender<usize>);

/// One running job; the job is finished when this is dropped.
#[derive(Debug)]
pub struct InFlightGuard<'a>(&'a InFlight);

impl InFlight {
    /// Counts a job until the returned guard is dropped.
    pub fn start(&self) -> InFlightGuard<'_> {
        self.0.send_modify(|running| *running += 1);
        InFlightGuard(self)
    }

    /// Waits until fewer than `limit` jobs are running, at most for `longest`.
    pub async fn wait_below(&self, limit: usize, longest: Duration) {
        let mut running = self.0.subscribe();
        // The caller continues after a timeout as well.
        let _ = timeout(longest, running.wait_for(|running| *running < limit)).await;
    }
}

impl Drop for InFlightGuard<'_> {
    fn drop(&mut self) {
        self.0.0.send_modify(|running| *running -= 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_waiter_continues_when_a_job_is_finished() {
        let in_flight = InFlight::default();
        let (first, _second) = (in_flight.start(), in_flight.start());
        let longest = Duration::from_hours(1);
        let mut waiting = std::pin::pin!(in_flight.wait_below(2, longest));
        assert!(futures::poll!(&mut waiting).is_pending());
        drop(first);
        assert!(futures::poll!(&mut waiting).is_ready());
    }

    #[tokio::test]
    async fn a_job_that_hangs_delays_a_waiter_no_longer_than_its_timeout() {
        let in_flight = InFlight::default();
        let _hangs = in_flight.start();
        let waiting = in_flight.wait_below(1, Duration::from_millis(50));
        let waited = timeout(Duration::from_secs(10), waiting).await;
        assert!(waited.is_ok(), "waited for a job that never ends");
    }
}
