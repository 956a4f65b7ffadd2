//! Up to where clients have been told everything: what a client that loses its
//! connection has to catch up from.
//!
//! A cursor read from the database covers changes whose broadcast may still be
//! under way, so it is passed on only when a round has gone by; where other
//! instances broadcast, too, when it would have been noticed that their news do
//! not come in. Changes that were left to the outbox sweep take longer, and hold
//! everything up.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// How often a cursor is read; the broadcast of a change takes milliseconds.
pub const ROUND: Duration = Duration::from_secs(2);

/// How long the sweep may take to find what was left to it.
const SETTLING: Duration = Duration::from_secs(30);

/// Says that a change was left to the sweep; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Overflow(Arc<AtomicBool>);

impl Overflow {
    /// A change was left to the sweep.
    pub fn happened(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// The cursors on their way to clients.
#[derive(Debug, Default)]
pub struct Progress {
    overflow: Overflow,
    settled_at: Option<Instant>,
    /// Rounds a cursor waits before it is covered.
    rounds: usize,
    waiting: VecDeque<String>,
    told: Option<String>,
}

impl Progress {
    /// Progress that is held up by an overflow, and lags by `rounds`.
    pub fn new(overflow: Overflow, rounds: usize) -> Self {
        Self {
            overflow,
            rounds,
            ..Self::default()
        }
    }

    /// Nothing is covered for a while: something is being told again.
    pub fn hold(&mut self) {
        self.waiting.clear();
    }

    /// Takes a cursor just read; returns one that clients can be told, if they
    /// do not know it yet.
    pub fn advance(&mut self, cursor: String) -> Option<String> {
        let now = Instant::now();
        if self.overflow.0.swap(false, Ordering::Relaxed) {
            self.settled_at = Some(now + SETTLING);
        }
        if self.settled_at.is_some_and(|settled| now < settled) {
            self.hold();
            return None;
        }
        self.waiting.push_back(cursor);
        if self.waiting.len() <= self.rounds {
            return None;
        }
        let covered = self.waiting.pop_front()?;
        if self.told.as_ref() == Some(&covered) {
            return None;
        }
        self.told = Some(covered.clone());
        Some(covered)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_told_a_round_later_and_once() {
        let mut progress = Progress::new(Overflow::default(), 1);
        assert_eq!(progress.advance("a".into()), None);
        assert_eq!(progress.advance("b".into()), Some("a".into()));
        assert_eq!(progress.advance("b".into()), Some("b".into()));
        assert_eq!(progress.advance("b".into()), None);
    }

    #[test]
    fn what_was_left_to_the_sweep_holds_everything_up() {
        let overflow = Overflow::default();
        let mut progress = Progress::new(overflow.clone(), 1);
        progress.advance("a".into());
        overflow.happened();
        assert_eq!(progress.advance("b".into()), None);
        assert_eq!(progress.advance("c".into()), None);
    }

    #[test]
    fn where_others_broadcast_too_a_cursor_waits_until_silence_would_be_noticed() {
        let mut progress = Progress::new(Overflow::default(), 2);
        assert_eq!(progress.advance("a".into()), None);
        assert_eq!(progress.advance("b".into()), None);
        assert_eq!(progress.advance("c".into()), Some("a".into()));
        progress.hold();
        assert_eq!(progress.advance("d".into()), None);
        assert_eq!(progress.advance("e".into()), None);
        assert_eq!(progress.advance("f".into()), Some("d".into()));
    }
}
