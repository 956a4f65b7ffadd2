//! How many jobs this process is working on.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

/// Counts running jobs; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Busy(watch::Sender<usize>);

/// One running job; over when dropped.
#[derive(Debug)]
pub struct Running<'a>(&'a Busy);

impl Busy {
    /// A job starts.
    pub fn start(&self) -> Running<'_> {
        self.0.send_modify(|running| *running += 1);
        Running(self)
    }

    /// Waits until fewer than `limit` jobs are running, but not for ever.
    pub async fn until_below(&self, limit: usize, patience: Duration) {
        let mut running = self.0.subscribe();
        // Late is as good: the caller goes on either way.
        let _ = timeout(patience, running.wait_for(|running| *running < limit)).await;
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.0.send_modify(|running| *running -= 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn somebody_who_waits_goes_on_when_a_job_is_over() {
        let busy = Busy::default();
        let (first, _second) = (busy.start(), busy.start());
        let patience = Duration::from_hours(1);
        let mut waiting = std::pin::pin!(busy.until_below(2, patience));
        assert!(futures::poll!(&mut waiting).is_pending());
        drop(first);
        assert!(futures::poll!(&mut waiting).is_ready());
    }

    #[tokio::test]
    async fn nobody_waits_for_ever_for_a_job_that_hangs() {
        let busy = Busy::default();
        let _hangs = busy.start();
        busy.until_below(1, Duration::from_millis(50)).await;
    }
}
