//! The watermark: the cursor up to which clients have received everything. A client that
//! loses its connection catches up from there.
//!
//! A cursor that is read from the database covers changes that may still be waiting to be
//! broadcast. It is sent to clients when that is certainly not so any more: the outbox was
//! swept when all unmarked changes before the cursor counted as lost, and after that the
//! queue was empty once. If there are other instances, the cursor also waits as long as it
//! takes to notice that their messages do not arrive.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// How often a cursor is read.
pub const CURSOR_INTERVAL: Duration = Duration::from_secs(2);

/// The most cursors that may wait. Many wait while the sweep fails.
const MAX_WAITING: usize = 32;

/// How far broadcasting has come.
#[derive(Debug, Clone, Copy)]
pub struct BroadcastState {
    /// The current time.
    pub now: Instant,
    /// When the last complete sweep began.
    pub swept: Option<Instant>,
    /// When the queue of changes was last empty.
    pub idle: Instant,
}

/// The cursors that wait to be sent to clients.
#[derive(Debug)]
pub struct Watermark {
    /// The age at which the sweep finds a change that was not marked.
    lost_after: Duration,
    /// The time after which a broken connection to other instances is noticed.
    receive_timeout: Duration,
    waiting: VecDeque<(Instant, String)>,
    sent: Option<String>,
}

impl Watermark {
    /// A watermark of which no cursor was sent yet.
    pub const fn new(lost_after: Duration, receive_timeout: Duration) -> Self {
        Self {
            lost_after,
            receive_timeout,
            waiting: VecDeque::new(),
            sent: None,
        }
    }

    /// Drops every waiting cursor, because older changes are being broadcast again.
    pub fn discard_waiting(&mut self) {
        self.waiting.clear();
    }

    /// Adds a cursor that waits to be sent. `at` is the time before it was read.
    pub fn add(&mut self, at: Instant, cursor: String) {
        self.waiting.truncate(MAX_WAITING - 1);
        self.waiting.push_back((at, cursor));
    }

    /// The latest cursor up to which clients have received everything, unless it was sent
    /// before.
    pub fn next_to_send(&mut self, state: BroadcastState) -> Option<String> {
        let BroadcastState { now, swept, idle } = state;
        let is_covered = |at: Instant| {
            let found = at + self.lost_after;
            swept.is_some_and(|swept| swept >= found && idle >= swept)
                && now >= at + self.receive_timeout
        };
        let covered = self.waiting.iter().take_while(|(at, _)| is_covered(*at));
        let (_, cursor) = self.waiting.drain(..covered.count()).next_back()?;
        if self.sent.as_ref() == Some(&cursor) {
            return None;
        }
        self.sent = Some(cursor.clone());
        Some(cursor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn state(begin: Instant, now: u64, swept: u64, idle: u64) -> BroadcastState {
        BroadcastState {
            now: begin + s(now),
            swept: Some(begin + s(swept)),
            idle: begin + s(idle),
        }
    }

    #[test]
    fn a_cursor_is_sent_after_its_changes_were_swept_and_the_queue_was_empty() {
        let begin = Instant::now();
        let mut watermark = Watermark::new(s(3), s(0));
        watermark.add(begin, "a".into());
        watermark.add(begin + s(2), "b".into());
        let never = BroadcastState {
            swept: None,
            ..state(begin, 9, 0, 9)
        };
        assert_eq!(watermark.next_to_send(never), None);
        assert_eq!(watermark.next_to_send(state(begin, 4, 2, 4)), None);
        assert_eq!(watermark.next_to_send(state(begin, 4, 4, 3)), None);
        assert_eq!(
            watermark.next_to_send(state(begin, 4, 4, 4)),
            Some("a".into())
        );
        assert_eq!(watermark.next_to_send(state(begin, 4, 4, 4)), None);
        assert_eq!(
            watermark.next_to_send(state(begin, 6, 5, 6)),
            Some("b".into())
        );
    }

    #[test]
    fn of_several_cursors_only_the_last_is_sent_and_only_once() {
        let begin = Instant::now();
        let mut watermark = Watermark::new(s(3), s(0));
        for (at, cursor) in [(0, "a"), (1, "b"), (2, "b")] {
            watermark.add(begin + s(at), cursor.into());
        }
        assert_eq!(
            watermark.next_to_send(state(begin, 9, 4, 9)),
            Some("b".into())
        );
        assert_eq!(watermark.next_to_send(state(begin, 9, 9, 9)), None);
    }

    #[test]
    fn with_other_instances_a_cursor_waits_until_a_broken_connection_would_be_noticed() {
        let begin = Instant::now();
        let mut watermark = Watermark::new(s(3), s(5));
        watermark.add(begin, "a".into());
        assert_eq!(watermark.next_to_send(state(begin, 4, 4, 4)), None);
        assert_eq!(
            watermark.next_to_send(state(begin, 5, 4, 4)),
            Some("a".into())
        );
    }

    #[test]
    fn a_repeated_broadcast_discards_every_waiting_cursor() {
        let begin = Instant::now();
        let mut watermark = Watermark::new(s(3), s(0));
        watermark.add(begin, "a".into());
        watermark.discard_waiting();
        assert_eq!(watermark.next_to_send(state(begin, 9, 9, 9)), None);
    }
}
