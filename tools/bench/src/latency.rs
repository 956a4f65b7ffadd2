//! Histograms of latencies; averages would hide slow requests.

use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

/// The longest time recorded, in microseconds; longer ones count as this.
const LONGEST: u64 = 10 * 60 * 1_000_000;

/// A histogram of durations, in microseconds with three significant digits.
#[derive(Debug, Clone)]
pub struct Latencies(Histogram<u64>);

impl Default for Latencies {
    fn default() -> Self {
        #[expect(clippy::expect_used, reason = "the bounds are valid constants")]
        Self(Histogram::new_with_bounds(1, LONGEST, 3).expect("valid bounds"))
    }
}

/// The reported figures of a histogram, in milliseconds.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Quantiles {
    /// The number of durations.
    pub count: u64,
    /// The median.
    pub p50: f64,
    /// The 90th percentile.
    pub p90: f64,
    /// The 99th percentile.
    pub p99: f64,
    /// The 99.9th percentile.
    pub p999: f64,
    /// The maximum.
    pub max: f64,
}

impl Latencies {
    /// Adds a duration.
    pub fn record(&mut self, duration: Duration) {
        let micros = u64::try_from(duration.as_micros()).unwrap_or(LONGEST);
        self.0.saturating_record(micros.clamp(1, LONGEST));
    }

    /// Adds the durations of another histogram.
    pub fn merge(&mut self, other: &Self) {
        // Cannot fail, because the bounds are the same.
        let _ = self.0.add(&other.0);
    }

    /// The number of durations.
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// Returns the figures to report.
    pub fn quantiles(&self) -> Quantiles {
        let at = |quantile| millis(self.0.value_at_quantile(quantile));
        Quantiles {
            count: self.0.len(),
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            p999: at(0.999),
            max: millis(self.0.max()),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "bounded by LONGEST")]
fn millis(micros: u64) -> f64 {
    micros as f64 / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_recorded_durations() {
        let mut latencies = Latencies::default();
        for millis in 1..=1_000 {
            latencies.record(Duration::from_millis(millis));
        }
        let found = latencies.quantiles();
        assert_eq!(found.count, 1_000);
        for (found, expected) in [(found.p50, 500.0), (found.p99, 990.0), (found.max, 1_000.0)] {
            assert!(
                (found - expected).abs() < expected / 500.0,
                "{found} {expected}"
            );
        }
    }

    #[test]
    fn any_duration_can_be_recorded() {
        let mut latencies = Latencies::default();
        latencies.record(Duration::ZERO);
        latencies.record(Duration::from_secs(1_000_000));
        assert_eq!(latencies.count(), 2);
    }

    #[test]
    fn merging_adds_all_durations() {
        let (mut one, mut other) = (Latencies::default(), Latencies::default());
        one.record(Duration::from_millis(1));
        other.record(Duration::from_millis(9));
        one.merge(&other);
        assert_eq!(one.count(), 2);
        assert!(one.quantiles().max > 8.9);
    }
}
