//! Metrics for Prometheus. `docs/OPERATIONS.md` describes the alerts that use them. Each
//! crate names its metrics in `metric_names.rs`.

use std::sync::LazyLock;

use metrics::gauge;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use crate::metric_names as names;

/// Buckets of durations, in seconds.
const TIMES: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// Buckets of lags, in seconds. They go up to an hour, because the lag includes the time
/// that a message waited before it arrived.
const LAGS: &[f64] = &[
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0, 3600.0,
];

/// Buckets of batch sizes.
const SIZES: &[f64] = &[1.0, 2.0, 5.0, 10.0, 25.0, 50.0, 100.0, 256.0];

/// The recorder of the process, installed when it is first used.
static RECORDER: LazyLock<Option<PrometheusHandle>> = LazyLock::new(|| {
    let suffix = |suffix: &str| Matcher::Suffix(suffix.to_owned());
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(suffix("_seconds"), TIMES)
        .and_then(|builder| builder.set_buckets_for_metric(suffix("_lag_seconds"), LAGS))
        .and_then(|builder| builder.set_buckets_for_metric(suffix("_deliveries"), SIZES))
        .ok()?
        .build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).ok()?;
    gauge!(names::BUILD, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    names::start_at_zero();
    Some(handle)
});

/// Starts recording; may be called again.
///
/// Every counter is reported as zero from the start. Prometheus sees an increase only
/// between two values: a counter that appears with its first event would seem not to have
/// increased, and an alert on it would not fire. Other crates have such a function for
/// their own counters.
pub fn install() {
    LazyLock::force(&RECORDER);
}

/// All metrics, in Prometheus's text format.
pub fn render() -> String {
    RECORDER
        .as_ref()
        .map_or_else(String::new, PrometheusHandle::render)
}

/// Compacts measurements that no scraper has fetched. Must be called periodically.
pub fn upkeep() {
    if let Some(recorder) = &*RECORDER {
        recorder.run_upkeep();
    }
}
