//! Metrics, for Prometheus. `docs/OPERATIONS.md` says what to watch. Each crate names
//! what it measures in its `metric_names.rs`.

use std::sync::LazyLock;

use metrics::gauge;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use crate::metric_names as names;

/// Up to 10 seconds, in seconds.
const TIMES: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// From a second to an hour for what may have waited elsewhere.
const LAGS: &[f64] = &[
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0, 3600.0,
];

const SIZES: &[f64] = &[1.0, 2.0, 5.0, 10.0, 25.0, 50.0, 100.0, 256.0];

/// The process's one recorder, installed when first asked for.
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

/// Starts measuring; safe to call again.
///
/// Every counter is reported from the start, as zero. Prometheus sees a counter grow
/// only between two values: one that appears with its first event seems not to have
/// had any, and an alert on it stays silent. Other crates' counters are started by
/// functions of their own.
pub fn install() {
    LazyLock::force(&RECORDER);
}

/// All measurements, in Prometheus's text format.
pub fn render() -> String {
    RECORDER
        .as_ref()
        .map_or_else(String::new, PrometheusHandle::render)
}

/// Compacts measurements that no scraper fetches. To be called now and then.
pub fn upkeep() {
    if let Some(recorder) = &*RECORDER {
        recorder.run_upkeep();
    }
}
