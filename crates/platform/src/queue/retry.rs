//! The retry policy: whether and when a failed attempt is repeated. Pure, so that it can be
//! tested without a queue.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

/// What follows a failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterFailure {
    /// Another attempt, not before this time.
    RetryAt(DateTime<Utc>),
    /// No further attempt.
    Dead,
}

/// How often failing work is repeated, and after which pauses.
#[derive(Debug, Clone, Copy)]
pub struct RetryPolicy {
    /// All attempts, including the first; the last failure is final.
    pub max_attempts: i32,
    /// Pause after the first failure; each further one is four times longer.
    pub base: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_attempts: 3,
            base: Duration::from_secs(2),
        }
    }
}

impl RetryPolicy {
    /// What follows failure number `attempts`; 1 is the first.
    pub fn after(&self, attempts: i32, now: DateTime<Utc>) -> AfterFailure {
        if attempts >= self.max_attempts {
            return AfterFailure::Dead;
        }
        let factor = 4_u32.saturating_pow(u32::try_from(attempts - 1).unwrap_or(0));
        let pause = self.base.saturating_mul(factor);
        AfterFailure::RetryAt(now + TimeDelta::from_std(pause).unwrap_or(TimeDelta::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_the_third_failure_is_final() {
        let now = DateTime::UNIX_EPOCH;
        let policy = RetryPolicy::default();
        let pause = |attempts| match policy.after(attempts, now) {
            AfterFailure::RetryAt(time) => Some((time - now).num_seconds()),
            AfterFailure::Dead => None,
        };
        assert_eq!([pause(1), pause(2), pause(3)], [Some(2), Some(8), None]);
    }
}
