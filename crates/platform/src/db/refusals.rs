//! Writes that the database refuses, although it answers: read-only after a
//! switch-over or on a full disk, or a full disk itself.
//!
//! A session keeps the settings it began with. One that was opened while the
//! database was read-only refuses writes for as long as it lives, and a pool
//! keeps it alive: so sessions from before a refusal are not used again.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sea_orm::DbErr;
use tracing::warn;

use super::failure::is_refused_write;

/// How long a refusal counts while nobody succeeds.
const REMEMBERED: Duration = Duration::from_secs(5);

/// What was refused, and when; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Refusals(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// The last refusal.
    last: Option<Instant>,
    /// No write has succeeded since.
    refusing: bool,
}

impl Refusals {
    /// Notes whether a write was refused.
    pub fn note<T>(&self, result: &Result<T, DbErr>) {
        if let Err(error) = result
            && is_refused_write(error)
        {
            self.refused();
        }
    }

    /// A write was refused, or would be.
    pub fn refused(&self) {
        let mut state = self.lock();
        state.last = Some(Instant::now());
        if !state.refusing {
            state.refusing = true;
            drop(state);
            warn!("the database refuses writes");
        }
    }

    /// A write succeeded.
    pub fn succeeded(&self) {
        self.lock().refusing = false;
    }

    /// Writes are refused, as far as anybody knows.
    pub fn refusing(&self) -> bool {
        let state = self.lock();
        state.refusing && state.last.is_some_and(|last| last.elapsed() < REMEMBERED)
    }

    /// A session of this age may be used: no write was refused since it began.
    pub fn trusts(&self, age: Duration) -> bool {
        let last = self.lock().last;
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
    fn sessions_from_before_a_refusal_are_not_used_again() {
        let refusals = Refusals::default();
        assert!(refusals.trusts(Duration::from_hours(1)));
        refusals.refused();
        assert!(refusals.refusing());
        assert!(!refusals.trusts(Duration::from_secs(1)));
        std::thread::sleep(Duration::from_millis(2));
        assert!(refusals.trusts(Duration::ZERO));
    }

    #[test]
    fn a_write_that_succeeds_ends_it() {
        let refusals = Refusals::default();
        refusals.refused();
        refusals.succeeded();
        assert!(!refusals.refusing());
    }
}
