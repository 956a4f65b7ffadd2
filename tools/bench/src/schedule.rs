//! Open-loop load: requests are due at fixed times, whether or not earlier ones
//! were answered. Latencies count from when a request was due, so that they
//! include all requests a stalled server delays (no coordinated omission).

use std::time::{Duration, Instant};

use tokio::sync::mpsc;

/// The times at which requests are due.
#[derive(Debug, Clone, Copy)]
pub struct Schedule {
    start: Instant,
    rate: f64,
}

/// A request that is due.
#[derive(Debug, Clone, Copy)]
pub struct DueRequest {
    /// Its number, from 0.
    pub number: u64,
    /// When it is due; its latency counts from here.
    pub due: Instant,
}

impl Schedule {
    /// Creates a schedule of `rate` requests a second, from `start`.
    pub const fn new(start: Instant, rate: f64) -> Self {
        Self { start, rate }
    }

    /// When a request is due.
    #[expect(clippy::cast_precision_loss, reason = "numbers stay far below 2^52")]
    pub fn due(&self, number: u64) -> Instant {
        self.start + Duration::from_secs_f64(number as f64 / self.rate)
    }

    /// Sends each request to the channel when it is due, from a separate thread,
    /// because the runtime's timer has a resolution of only a millisecond.
    pub fn due_requests(
        self,
        numbers: std::ops::Range<u64>,
    ) -> mpsc::UnboundedReceiver<DueRequest> {
        let (sender, requests) = mpsc::unbounded_channel();
        std::thread::spawn(move || {
            for number in numbers {
                let due = self.due(number);
                std::thread::sleep(due.saturating_duration_since(Instant::now()));
                if sender.send(DueRequest { number, due }).is_err() {
                    return;
                }
            }
        });
        requests
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_due_evenly_and_without_drift() {
        let start = Instant::now();
        let schedule = Schedule::new(start, 1_000.0);
        assert_eq!(schedule.due(0), start);
        assert_eq!(schedule.due(1) - start, Duration::from_millis(1));
        assert_eq!(schedule.due(3_600_000) - start, Duration::from_hours(1));
    }

    #[tokio::test]
    async fn no_request_is_early_and_none_is_lost() {
        let schedule = Schedule::new(Instant::now(), 2_000.0);
        let mut requests = schedule.due_requests(0..40);
        let mut expected = 0;
        while let Some(request) = requests.recv().await {
            assert_eq!(request.number, expected);
            assert!(Instant::now() >= request.due);
            expected += 1;
        }
        assert_eq!(expected, 40);
    }
}
