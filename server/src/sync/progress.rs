//! Up to where clients have been told everything: what a client that loses its
//! connection has to catch up from.
//!
//! A cursor read from the database covers changes whose broadcast may still be
//! under way. It is passed on when there is evidence that none is: the outbox was
//! swept when all of them counted as lost if they had not been marked, and since
//! then nothing was left waiting. Where other instances broadcast, too, it also
//! waits until it would have been noticed that their news do not come in.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// How often a cursor is read.
pub const ROUND: Duration = Duration::from_secs(2);

/// Cursors that may wait; the sweep may fail for a while.
const MAX_WAITING: usize = 32;

/// What is known of the work around a cursor.
#[derive(Debug, Clone, Copy)]
pub struct Evidence {
    /// Now.
    pub now: Instant,
    /// When the last sweep that found everything began.
    pub swept: Option<Instant>,
    /// When last nothing was waiting to be told.
    pub idle: Instant,
}

/// The cursors on their way to clients.
#[derive(Debug)]
pub struct Progress {
    /// After this long, the sweep finds what was not marked.
    lost_after: Duration,
    /// After this long, the silence of others was noticed.
    silence: Duration,
    waiting: VecDeque<(Instant, String)>,
    told: Option<String>,
}

impl Progress {
    /// Nothing has been told yet.
    pub const fn new(lost_after: Duration, silence: Duration) -> Self {
        Self {
            lost_after,
            silence,
            waiting: VecDeque::new(),
            told: None,
        }
    }

    /// Nothing that waits is covered: something is being told again.
    pub fn hold(&mut self) {
        self.waiting.clear();
    }

    /// Takes a cursor, and when it began to be read.
    pub fn read(&mut self, at: Instant, cursor: String) {
        self.waiting.truncate(MAX_WAITING - 1);
        self.waiting.push_back((at, cursor));
    }

    /// The latest cursor that is covered, if clients do not know it yet.
    pub fn covered(&mut self, evidence: Evidence) -> Option<String> {
        let Evidence { now, swept, idle } = evidence;
        let is_covered = |at: Instant| {
            let found = at + self.lost_after;
            swept.is_some_and(|swept| swept >= found && idle >= swept) && now >= at + self.silence
        };
        let covered = self.waiting.iter().take_while(|(at, _)| is_covered(*at));
        let (_, cursor) = self.waiting.drain(..covered.count()).next_back()?;
        if self.told.as_ref() == Some(&cursor) {
            return None;
        }
        self.told = Some(cursor.clone());
        Some(cursor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn seen(begin: Instant, now: u64, swept: u64, idle: u64) -> Evidence {
        Evidence {
            now: begin + s(now),
            swept: Some(begin + s(swept)),
            idle: begin + s(idle),
        }
    }

    #[test]
    fn a_cursor_is_told_when_what_it_covers_was_swept_and_nothing_waited_after() {
        let begin = Instant::now();
        let mut progress = Progress::new(s(3), s(0));
        progress.read(begin, "a".into());
        progress.read(begin + s(2), "b".into());
        let never = Evidence {
            swept: None,
            ..seen(begin, 9, 0, 9)
        };
        assert_eq!(progress.covered(never), None);
        assert_eq!(progress.covered(seen(begin, 4, 2, 4)), None);
        assert_eq!(progress.covered(seen(begin, 4, 4, 3)), None);
        assert_eq!(progress.covered(seen(begin, 4, 4, 4)), Some("a".into()));
        assert_eq!(progress.covered(seen(begin, 4, 4, 4)), None);
        assert_eq!(progress.covered(seen(begin, 6, 5, 6)), Some("b".into()));
    }

    #[test]
    fn of_several_only_the_last_is_told_and_the_same_only_once() {
        let begin = Instant::now();
        let mut progress = Progress::new(s(3), s(0));
        for (at, cursor) in [(0, "a"), (1, "b"), (2, "b")] {
            progress.read(begin + s(at), cursor.into());
        }
        assert_eq!(progress.covered(seen(begin, 9, 4, 9)), Some("b".into()));
        assert_eq!(progress.covered(seen(begin, 9, 9, 9)), None);
    }

    #[test]
    fn where_others_broadcast_too_a_cursor_waits_until_silence_would_be_noticed() {
        let begin = Instant::now();
        let mut progress = Progress::new(s(3), s(5));
        progress.read(begin, "a".into());
        assert_eq!(progress.covered(seen(begin, 4, 4, 4)), None);
        assert_eq!(progress.covered(seen(begin, 5, 4, 4)), Some("a".into()));
    }

    #[test]
    fn what_is_told_again_holds_everything_up() {
        let begin = Instant::now();
        let mut progress = Progress::new(s(3), s(0));
        progress.read(begin, "a".into());
        progress.hold();
        assert_eq!(progress.covered(seen(begin, 9, 9, 9)), None);
    }
}
