//! Logs, metrics and traces of a running server.
//!
//! - logs, in this module: readable lines, or JSON
//! - [`metrics`]: metrics for Prometheus
//! - [`traces`]: one trace per webhook, over OTLP

pub mod metrics;
pub mod traces;

use clap::ValueEnum;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

/// Only spans of our own crates are exported as traces.
const OURS: &str = "off,platform=info,channels=info,inbox=info,orders=info,server=info";

/// The format of the log (`LOG_FORMAT`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// One readable line per event.
    Pretty,
    /// One JSON object per event.
    Json,
}

/// Starts logging to standard error, and tracing if it is configured. `RUST_LOG` selects
/// what is logged.
///
/// # Errors
///
/// If the exporter of traces cannot be built.
pub fn init(format: LogFormat) -> anyhow::Result<()> {
    // apalis warns repeatedly about a lost connection; this server warns once.
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("info,apalis_core=error,sea_orm_migration=warn"));
    let log = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let log = match format {
        LogFormat::Pretty => log.boxed(),
        LogFormat::Json => log.json().flatten_event(true).boxed(),
    };
    let traces = traces::tracer()?.map(|tracer| {
        let ours = EnvFilter::new(OURS);
        tracing_opentelemetry::layer()
            .with_tracer(tracer)
            .with_filter(ours)
    });
    tracing_subscriber::registry()
        .with(log.with_filter(filter))
        .with(traces)
        .init();
    if format == LogFormat::Json {
        std::panic::set_hook(Box::new(log_panic));
    }
    Ok(())
}

/// Logs a panic as one JSON object, like every other event. Its message is left out,
/// because it may contain personal data; its location does not.
fn log_panic(panic: &std::panic::PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string);
    tracing::error!(place, "panicked");
}
