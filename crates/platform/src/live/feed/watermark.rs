//! The watermark: up to which cursor clients have received everything. A client that
//! loses its connection catches up from there.
//!
//! A cursor read from the database covers changes whose broadcast may still be
//! under way. It is sent to clients when it is certain that none is: the outbox was
//! swept when all of them counted as lost if they had not been marked, and since
//! then nothing was left waiting. Where other instances broadcast, too, it also
//! waits until it would have been noticed that their messages do not arrive.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// How often a cursor is read.
pub const ROUND: Duration = Duration::from_secs(2);

/// Cursors that may wait; the sweep may fail for a while.
const MAX_WAITING: usize = 32;

/// How far broadcasting has come.
#[derive(Debug, Clone, Copy)]
pub struct BroadcastState {
    /// Now.
    pub now: Instant,
    /// When the last sweep that found everything began.
    pub swept: Option<Instant>,
    /// When last nothing was waiting to be broadcast.
    pub idle: Instant,
}

/// The cursors that wait to be sent to clients.
#[derive(Debug)]
pub struct Watermark {
    /// After this long, the sweep finds what was not marked.
    lost_after: Duration,
    /// After this long, the silence of other instances was noticed.
    silence: Duration,
    waiting: VecDeque<(Instant, String)>,
    sent: Option<String>,
}

impl Watermark {
    /// No cursor has been sent yet.
    pub const fn new(lost_after: Duration, silence: Duration) -> Self {
        Self {
            lost_after,
            silence,
            waiting: VecDeque::new(),
            sent: None,
        }
    }

    /// Drops every cursor that waits: something is being broadcast again.
    pub fn hold(&mut self) {
        self.waiting.clear();
    }

    /// Takes a cursor, and when it began to be read.
    pub fn read(&mut self, at: Instant, cursor: String) {
        self.waiting.truncate(MAX_WAITING - 1);
        self.waiting.push_back((at, cursor));
    }

    /// The latest cursor that is covered, if clients do not know it yet.
    pub fn covered(&mut self, state: BroadcastState) -> Option<String> {
        let BroadcastState { now, swept, idle } = state;
        let is_covered = |at: Instant| {
            let found = at + self.lost_after;
            swept.is_some_and(|swept| swept >= found && idle >= swept) && now >= at + self.silence
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

    fn seen(begin: Instant, now: u64, swept: u64, idle: u64) -> BroadcastState {
        BroadcastState {
            now: begin + s(now),
            swept: Some(begin + s(swept)),
            idle: begin + s(idle),
        }
    }

    #[test]
    fn a_cursor_is_sent_when_what_it_covers_was_swept_and_nothing_waited_after() {
        let begin = Instant::now();
        let mut watermark = Watermark::new(s(3), s(0));
        watermark.read(begin, "a".into());
        watermark.read(begin + s(2), "b".into());
        let never = BroadcastState {
            swept: None,
            ..seen(begin, 9, 0, 9)
        };
        assert_eq!(watermark.covered(never), None);
        assert_eq!(watermark.covered(seen(begin, 4, 2, 4)), None);
        assert_eq!(watermark.covered(seen(begin, 4, 4, 3)), None);
        assert_eq!(watermark.covered(seen(begin, 4, 4, 4)), Some("a".into()));
        assert_eq!(watermark.covered(seen(begin, 4, 4, 4)), None);
        assert_eq!(watermark.covered(seen(begin, 6, 5, 6)), Some("b".into()));
    }

    #[test]
    fn of_several_cursors_only_the_last_is_sent_and_the_same_only_once() {
        let begin = Instant::now();
        let mut watermark = Watermark::new(s(3), s(0));
        for (at, cursor) in [(0, "a"), (1, "b"), (2, "b")] {
            watermark.read(begin + s(at), cursor.into());
        }
        assert_eq!(watermark.covered(seen(begin, 9, 4, 9)), Some("b".into()));
        assert_eq!(watermark.covered(seen(begin, 9, 9, 9)), None);
    }

    #[test]
    fn where_others_broadcast_too_a_cursor_waits_until_silence_would_be_noticed() {
        let begin = Instant::now();
        let mut watermark = Watermark::new(s(3), s(5));
        watermark.read(begin, "a".into());
        assert_eq!(watermark.covered(seen(begin, 4, 4, 4)), None);
        assert_eq!(watermark.covered(seen(begin, 5, 4, 4)), Some("a".into()));
    }

    #[test]
    fn a_repeated_broadcast_holds_every_cursor_back() {
        let begin = Instant::now();
        let mut watermark = Watermark::new(s(3), s(0));
        watermark.read(begin, "a".into());
        watermark.hold();
        assert_eq!(watermark.covered(seen(begin, 9, 9, 9)), None);
    }
}
