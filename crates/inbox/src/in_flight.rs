//! How many jobs this process is working on.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

/// Counts running jobs; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct InFlight(watch::Sender<usize>);

/// One running job; over when dropped.
#[derive(Debug)]
pub struct InFlightGuard<'a>(&'a InFlight);

impl InFlight {
    /// A job starts.
    pub fn start(&self) -> InFlightGuard<'_> {
        self.0.send_modify(|running| *running += 1);
        InFlightGuard(self)
    }

    /// Waits until fewer than `limit` jobs are running, but not for ever.
    pub async fn until_below(&self, limit: usize, patience: Duration) {
        let mut running = self.0.subscribe();
        // Late is as good: the caller goes on either way.
        let _ = timeout(patience, running.wait_for(|running| *running < limit)).await;
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
    async fn a_waiter_goes_on_when_a_job_is_over() {
        let in_flight = InFlight::default();
        let (first, _second) = (in_flight.start(), in_flight.start());
        let patience = Duration::from_hours(1);
        let mut waiting = std::pin::pin!(in_flight.until_below(2, patience));
        assert!(futures::poll!(&mut waiting).is_pending());
        drop(first);
        assert!(futures::poll!(&mut waiting).is_ready());
    }

    #[tokio::test]
    async fn a_job_that_hangs_holds_a_waiter_up_no_longer_than_its_patience() {
        let in_flight = InFlight::default();
        let _hangs = in_flight.start();
        let waiting = in_flight.until_below(1, Duration::from_millis(50));
        let waited = timeout(Duration::from_secs(10), waiting).await;
        assert!(waited.is_ok(), "waited for a job that never ends");
    }
}
