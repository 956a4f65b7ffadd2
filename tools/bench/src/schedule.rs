//! Open-loop pacing: requests are due at fixed times, whether or not the ones
//! before were answered. Latencies count from when a request was due, so a
//! server that stalls pays for everything it held up (no coordinated omission).

use std::time::{Duration, Instant};

use tokio::sync::mpsc;

/// Fixed times, one per request.
#[derive(Debug, Clone, Copy)]
pub struct Schedule {
    start: Instant,
    rate: f64,
}

/// One request that is due.
#[derive(Debug, Clone, Copy)]
pub struct Ticket {
    /// Its number, from 0.
    pub number: u64,
    /// When it is to be sent: what its latency counts from.
    pub due: Instant,
}

impl Schedule {
    /// `rate` a second, from `start`.
    pub const fn new(start: Instant, rate: f64) -> Self {
        Self { start, rate }
    }

    /// When a request is due.
    #[expect(clippy::cast_precision_loss, reason = "numbers stay far below 2^52")]
    pub fn due(&self, number: u64) -> Instant {
        self.start + Duration::from_secs_f64(number as f64 / self.rate)
    }

    /// Hands out tickets when they are due, from a thread of its own: the
    /// runtime's timer is a millisecond coarse, a sleeping thread is not.
    pub fn tickets(self, numbers: std::ops::Range<u64>) -> mpsc::UnboundedReceiver<Ticket> {
        let (sender, tickets) = mpsc::unbounded_channel();
        std::thread::spawn(move || {
            for number in numbers {
                let due = self.due(number);
                std::thread::sleep(due.saturating_duration_since(Instant::now()));
                if sender.send(Ticket { number, due }).is_err() {
                    return;
                }
            }
        });
        tickets
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
    async fn a_ticket_never_comes_early_and_none_is_lost() {
        let schedule = Schedule::new(Instant::now(), 2_000.0);
        let mut tickets = schedule.tickets(0..40);
        let mut expected = 0;
        while let Some(ticket) = tickets.recv().await {
            assert_eq!(ticket.number, expected);
            assert!(Instant::now() >= ticket.due);
            expected += 1;
        }
        assert_eq!(expected, 40);
    }
}
