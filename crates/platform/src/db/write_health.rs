//! Remembers whether the database refuses writes although it answers: because it is
//! read-only (after a failover, or on a full disk) or because its disk is full.
//!
//! A session keeps the settings that it began with. One that was opened while the
//! database was read-only refuses writes until it ends, and a pool keeps it open: so
//! sessions that began before a refusal are not used again.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sea_orm::DbErr;
use tracing::warn;

use super::failure::is_refused_write;

/// How long a refusal counts if no write succeeds meanwhile.
const REFUSAL_TTL: Duration = Duration::from_secs(5);

/// Whether writes succeed, shared by all pools; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct WriteHealth(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// When a write was last refused.
    last_refusal: Option<Instant>,
    /// No write has succeeded since then.
    refusing: bool,
}

impl WriteHealth {
    /// Records the result of a statement, if it is a refusal.
    pub fn record<T>(&self, result: &Result<T, DbErr>) {
        if let Err(error) = result
            && is_refused_write(error)
        {
            self.record_refusal();
        }
    }

    /// Records that a write was refused, or would be.
    pub fn record_refusal(&self) {
        let mut state = self.lock();
        state.last_refusal = Some(Instant::now());
        if !state.refusing {
            state.refusing = true;
            drop(state);
            warn!("the database refuses writes");
        }
    }

    /// Records that a write succeeded.
    pub fn record_success(&self) {
        self.lock().refusing = false;
    }

    /// The last write was refused, and that was not long ago.
    pub fn is_refusing(&self) -> bool {
        let state = self.lock();
        let last = state.last_refusal;
        state.refusing && last.is_some_and(|last| last.elapsed() < REFUSAL_TTL)
    }

    /// Whether a session of this age may be used: no write was refused since it began.
    pub fn allows_session(&self, age: Duration) -> bool {
        let last = self.lock().last_refusal;
        last.is_none_or(|last| age < last.elapsed())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_that_began_before_a_refusal_are_not_used_again() {
        let health = WriteHealth::default();
        assert!(health.allows_session(Duration::from_hours(1)));
        health.record_refusal();
        assert!(health.is_refusing());
        assert!(!health.allows_session(Duration::from_secs(1)));
        std::thread::sleep(Duration::from_millis(2));
        assert!(health.allows_session(Duration::ZERO));
    }

    #[test]
    fn a_write_that_succeeds_ends_the_refusal() {
        let health = WriteHealth::default();
        health.record_refusal();
        health.record_success();
        assert!(!health.is_refusing());
    }
}
